//! What `sbf-legalize` rewrites. `test` runs `digest` as rustc compiled it and as the pass left it.

#![no_std]
#![no_builtins]
#![crate_type = "lib"]

/// Values at the edges of every width, as 64-bit limbs.
const LIMBS: [u64; 7] = [0, 1, 7, 0xffff_ffff, 1 << 63, u64::MAX - 1, u64::MAX];

/// A digest of every operation on every pair of values; `seed` keeps rustc from computing it.
#[no_mangle]
pub extern "C" fn digest(seed: u64) -> u64 {
    let mut sum = Sum(seed);
    for high in LIMBS {
        for low in LIMBS {
            let left = wide(high ^ seed, low);
            for other in LIMBS {
                let right = wide(other, low.rotate_left(17) | 1);
                arithmetic(&mut sum, left, right);
                signatures(&mut sum, left, right);
            }
        }
    }
    memory(&mut sum, seed);
    sum.0
}

struct Sum(u64);

impl Sum {
    #[inline(never)]
    fn add(&mut self, value: u64) {
        self.0 = (self.0 ^ value)
            .wrapping_mul(0x100_0000_01b3)
            .rotate_left(5);
    }

    fn add_wide(&mut self, value: u128) {
        self.add(value as u64);
        self.add((value >> 64) as u64);
    }
}

fn wide(high: u64, low: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

#[inline(never)]
fn arithmetic(sum: &mut Sum, left: u128, right: u128) {
    let (signed, divisor) = (left as i128, right as i128);
    sum.add_wide(left.wrapping_mul(right));
    sum.add_wide(left / right);
    sum.add_wide(left % right);
    sum.add_wide(signed.wrapping_div(divisor) as u128);
    sum.add_wide(signed.wrapping_rem(divisor) as u128);
    let amount = (right >> 3) as u32 % 128;
    sum.add_wide(left << amount);
    sum.add_wide(left >> amount);
    sum.add_wide((signed >> amount) as u128);
    checked(sum, left.checked_mul(right));
    checked(sum, signed.checked_mul(divisor).map(|it| it as u128));

    let (left, right) = (left as u64, (right >> 64) as u64);
    checked(sum, left.checked_mul(right).map(u128::from));
    let (signed, divisor) = (left as i64, right as i64);
    checked(sum, signed.checked_mul(divisor).map(|it| it as u128));
    checked(sum, signed.checked_div(divisor).map(|it| it as u128));
    checked(sum, signed.checked_rem(divisor).map(|it| it as u128));
    checked(sum, (left as u32).checked_mul(right as u32).map(u128::from));
    let product = (left as i32).checked_mul(right as i32);
    checked(sum, product.map(|it| it as u128));
}

fn checked(sum: &mut Sum, value: Option<u128>) {
    sum.add(value.is_some().into());
    sum.add_wide(value.unwrap_or(0));
}

/// More than five registers of arguments, and returns wider than one.
#[inline(never)]
fn signatures(sum: &mut Sum, left: u128, right: u128) {
    let (low, high) = (left as u64, (left >> 64) as u64);
    sum.add(seven(low, high, 3, right as u64, 5, left as u8, 7));
    let four = spread(low, right, high, sum.0, 9);
    let pair: fn(u64, u128, u64, u64, u64) -> Four = if low & 1 == 0 { spread } else { gather };
    for four in [four, pair(high, left, low, 11, 13)] {
        sum.add(four.0);
        sum.add(four.1);
        sum.add_wide(four.2);
    }
}

#[inline(never)]
fn seven(a: u64, b: u64, c: u64, d: u64, e: u64, f: u8, g: u64) -> u64 {
    let sum = a.wrapping_mul(3) ^ b.wrapping_mul(5) ^ c.wrapping_mul(7) ^ d.wrapping_mul(11);
    sum ^ e.wrapping_mul(13) ^ u64::from(f).wrapping_mul(17) ^ g.wrapping_mul(19)
}

struct Four(u64, u64, u128);

#[inline(never)]
fn spread(a: u64, b: u128, c: u64, d: u64, e: u64) -> Four {
    Four(a ^ c, d.wrapping_add(e), b ^ u128::from(a))
}

#[inline(never)]
fn gather(a: u64, b: u128, c: u64, d: u64, e: u64) -> Four {
    Four(a.wrapping_add(c), d ^ e, b.wrapping_add(u128::from(c)))
}

/// Copies and fills too large for a few stores, and of lengths that are known only when they run.
#[inline(never)]
fn memory(sum: &mut Sum, seed: u64) {
    for length in [0usize, 1, 8, 65, 200] {
        let mut bytes = [seed as u8; 256];
        for (value, byte) in (0..).zip(&mut bytes) {
            *byte ^= value;
        }
        let copy = bytes;
        bytes.copy_within(..length, 40);
        bytes[..length / 2].fill(length as u8);
        bytes[256 - length..].copy_from_slice(&copy[..length]);
        for byte in bytes {
            sum.add(byte.into());
        }
    }
}

// What solana-compiler-builtins gives a program.

#[no_mangle]
#[inline(never)]
pub extern "C" fn __udivti3(left: u128, right: u128) -> u128 {
    divide(left, right).0
}

#[no_mangle]
#[inline(never)]
pub extern "C" fn __umodti3(left: u128, right: u128) -> u128 {
    divide(left, right).1
}

fn divide(left: u128, right: u128) -> (u128, u128) {
    let (mut quotient, mut rest) = (0u128, 0u128);
    for bit in (0..128).rev() {
        let carry = rest >> 127 != 0;
        rest = rest << 1 | (left >> bit & 1);
        if carry || rest >= right {
            rest = rest.wrapping_sub(right);
            quotient |= 1 << bit;
        }
    }
    (quotient, rest)
}

#[no_mangle]
pub unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, length: usize) -> *mut u8 {
    for place in 0..length {
        *to.add(place) = *from.add(place);
    }
    to
}

#[no_mangle]
pub unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, length: usize) -> *mut u8 {
    for place in 0..length {
        let place = if (to as usize) < from as usize {
            place
        } else {
            length - 1 - place
        };
        *to.add(place) = *from.add(place);
    }
    to
}

#[no_mangle]
pub unsafe extern "C" fn memset(to: *mut u8, value: i32, length: usize) -> *mut u8 {
    for place in 0..length {
        *to.add(place) = value as u8;
    }
    to
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

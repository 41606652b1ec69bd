; program lacks __udivti3

define i128 @run(i128 %x, i128 %y) {
  %q = udiv i128 %x, %y
  ret i128 %q
}

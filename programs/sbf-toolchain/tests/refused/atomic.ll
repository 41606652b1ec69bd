; atomic operation left in run

define i64 @run(ptr %x) {
  %old = atomicrmw add ptr %x, i64 1 seq_cst
  ret i64 %old
}

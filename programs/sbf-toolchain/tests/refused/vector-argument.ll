; vector argument

define void @run(<2 x i64> %x) {
  ret void
}

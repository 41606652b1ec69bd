; dynamic alloca in run

declare void @sol_log_(ptr, i64)

define void @run(i64 %n) {
  %room = alloca i8, i64 %n
  call void @sol_log_(ptr %room, i64 %n)
  ret void
}

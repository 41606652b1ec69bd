; external function needs more than 5 registers: sol_six

declare void @sol_six(i64, i64, i64, i64, i64, i64)

define void @run() {
  call void @sol_six(i64 1, i64 2, i64 3, i64 4, i64 5, i64 6)
  ret void
}

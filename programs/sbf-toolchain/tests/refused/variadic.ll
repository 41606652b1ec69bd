; variadic function

declare void @log(i64, ...)

define void @run() {
  call void (i64, ...) @log(i64 1, i64 2)
  ret void
}

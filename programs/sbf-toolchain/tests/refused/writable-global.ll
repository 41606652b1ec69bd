; writable global variable: count

@count = internal global i64 0

define ptr @run() {
  ret ptr @count
}

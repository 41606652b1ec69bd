; byval/inalloca/nest parameter

define i64 @run(ptr byval([16 x i8]) %a, i64 %b, i64 %c, i64 %d, i64 %e, i64 %f) {
  ret i64 %b
}

; floating point in run

define double @run(double %x) {
  %y = fadd double %x, %x
  ret double %y
}

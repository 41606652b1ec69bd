; odd-sized wide multiply

define i96 @run(i96 %x, i96 %y) {
  %p = mul i96 %x, %y
  ret i96 %p
}

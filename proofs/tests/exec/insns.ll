; insns.ll: instructions that clang seldom makes, defined for all values; called from same.c.

declare i64 @llvm.fshl.i64(i64, i64, i64)
declare i8 @llvm.fshr.i8(i8, i8, i8)
declare i8 @llvm.ucmp.i8.i64(i64, i64)
declare i32 @llvm.scmp.i32.i16(i16, i16)
declare i32 @llvm.abs.i32(i32, i1)
declare i16 @llvm.sadd.sat.i16(i16, i16)
declare i16 @llvm.ssub.sat.i16(i16, i16)
declare i64 @llvm.uadd.sat.i64(i64, i64)
declare i32 @llvm.usub.sat.i32(i32, i32)
declare i32 @llvm.ctlz.i32(i32, i1)
declare i16 @llvm.cttz.i16(i16, i1)
declare i8 @llvm.ctpop.i8(i8)
declare i64 @llvm.smin.i64(i64, i64)
declare i8 @llvm.umax.i8(i8, i8)

define i64 @ll_funnel(i64 %a, i64 %b, i64 %c) {
  %x = call i64 @llvm.fshl.i64(i64 %a, i64 %b, i64 %c)
  %a8 = trunc i64 %a to i8
  %b8 = trunc i64 %b to i8
  %c8 = trunc i64 %c to i8
  %y = call i8 @llvm.fshr.i8(i8 %a8, i8 %b8, i8 %c8)
  %z = zext i8 %y to i64
  %r = xor i64 %x, %z
  ret i64 %r
}
define i64 @ll_three_way(i64 %a, i64 %b, i64 %c) {
  %x = call i8 @llvm.ucmp.i8.i64(i64 %a, i64 %b)
  %a16 = trunc i64 %a to i16
  %c16 = trunc i64 %c to i16
  %y = call i32 @llvm.scmp.i32.i16(i16 %a16, i16 %c16)
  %x64 = sext i8 %x to i64
  %y64 = sext i32 %y to i64
  %s = mul i64 %x64, 3
  %r = add i64 %s, %y64
  ret i64 %r
}
define i64 @ll_abs(i64 %a, i64 %b, i64 %c) {
  %x = trunc i64 %a to i32
  %y = call i32 @llvm.abs.i32(i32 %x, i1 false)
  %r = zext i32 %y to i64
  ret i64 %r
}
define i64 @ll_saturate(i64 %a, i64 %b, i64 %c) {
  %x = trunc i64 %a to i16
  %y = trunc i64 %b to i16
  %x32 = trunc i64 %c to i32
  %y32 = trunc i64 %b to i32
  %p = call i16 @llvm.sadd.sat.i16(i16 %x, i16 %y)
  %q = call i16 @llvm.ssub.sat.i16(i16 %x, i16 %y)
  %s = call i64 @llvm.uadd.sat.i64(i64 %a, i64 %c)
  %t = call i32 @llvm.usub.sat.i32(i32 %x32, i32 %y32)
  %p64 = zext i16 %p to i64
  %q64 = sext i16 %q to i64
  %t64 = zext i32 %t to i64
  %r1 = xor i64 %p64, %q64
  %r2 = xor i64 %r1, %s
  %r3 = xor i64 %r2, %t64
  ret i64 %r3
}
define i64 @ll_zeros(i64 %a, i64 %b, i64 %c) {
  %x = trunc i64 %a to i32
  %y = trunc i64 %b to i16
  %w = trunc i64 %c to i8
  %p = call i32 @llvm.ctlz.i32(i32 %x, i1 false)
  %q = call i16 @llvm.cttz.i16(i16 %y, i1 false)
  %n = call i8 @llvm.ctpop.i8(i8 %w)
  %p64 = zext i32 %p to i64
  %q64 = zext i16 %q to i64
  %n64 = zext i8 %n to i64
  %r1 = shl i64 %p64, 8
  %r2 = or i64 %r1, %q64
  %r3 = shl i64 %n64, 32
  %r = add i64 %r2, %r3
  ret i64 %r
}
define i64 @ll_min_max(i64 %a, i64 %b, i64 %c) {
  %x = call i64 @llvm.smin.i64(i64 %a, i64 %b)
  %b8 = trunc i64 %b to i8
  %c8 = trunc i64 %c to i8
  %y = call i8 @llvm.umax.i8(i8 %b8, i8 %c8)
  %y64 = zext i8 %y to i64
  %r = add i64 %x, %y64
  ret i64 %r
}
define i64 @ll_freeze(i64 %a, i64 %b, i64 %c) {
  %n = and i64 %c, 127
  %s = shl i64 %a, %n
  %f = freeze i64 %s
  %small = icmp ult i64 %n, 64
  %g = freeze i64 %b
  %r = select i1 %small, i64 %f, i64 %g
  ret i64 %r
}
define i64 @ll_freeze_same(i64 %a, i64 %b, i64 %c) { ; one value for all who look
  %f = freeze i64 poison
  %r = sub i64 %f, %f
  %t = xor i64 %r, %a
  ret i64 %t
}
define i64 @ll_poison_not_chosen(i64 %a, i64 %b, i64 %c) {
  %z = icmp eq i64 %b, 0
  %r = select i1 %z, i64 %a, i64 %c
  %q = select i1 true, i64 %r, i64 poison
  ret i64 %q
}
define i64 @ll_flags(i64 %a, i64 %b, i64 %c) {
  %x = and i64 %a, 65535
  %y = lshr i64 %b, 40
  %s = add nuw nsw i64 %x, %y
  %h = shl i64 %c, 16
  %d = or disjoint i64 %h, %x
  %e = lshr exact i64 %h, 16
  %f = ashr exact i64 %h, 9
  %t = trunc nuw nsw i64 %x to i32
  %z = zext nneg i32 %t to i64
  %u = sdiv exact i64 %h, 256
  %v = mul nuw nsw i64 %x, %y
  %1 = xor i64 %s, %d
  %2 = xor i64 %1, %e
  %3 = xor i64 %2, %f
  %4 = xor i64 %3, %z
  %5 = xor i64 %4, %u
  %6 = xor i64 %5, %v
  ret i64 %6
}
define i64 @ll_odd_widths(i64 %a, i64 %b, i64 %c) {
  %x = trunc i64 %a to i13
  %y = trunc i64 %b to i13
  %m = mul i13 %x, %y
  %s = sext i13 %m to i47
  %k = trunc i64 %c to i47
  %d = sub i47 %s, %k
  %i = icmp slt i47 %d, %s
  %r = zext i47 %d to i64
  %q = zext i1 %i to i64
  %t = add i64 %r, %q
  ret i64 %t
}
define i64 @ll_odd_memory(i64 %a, i64 %b, i64 %c) {
  %p = alloca [2 x i24], align 4
  %x = trunc i64 %a to i24
  %y = trunc i64 %b to i24
  store i24 %x, ptr %p, align 4
  %q = getelementptr inbounds [2 x i24], ptr %p, i64 0, i64 1
  store i24 %y, ptr %q, align 4
  %f = alloca i1, align 1
  %g = icmp ult i64 %b, %c
  store i1 %g, ptr %f, align 1
  %u = load i24, ptr %p, align 4
  %v = load i24, ptr %q, align 4
  %h = load i1, ptr %f, align 1
  %w = mul i24 %u, %v
  %z = zext i24 %w to i64
  %o = zext i1 %h to i64
  %r = shl i64 %o, 40
  %t = or i64 %r, %z
  ret i64 %t
}
define i64 @ll_one_bit(i64 %a, i64 %b, i64 %c) {
  %x = trunc i64 %a to i1
  %y = trunc i64 %b to i1
  %s = add i1 %x, %y
  %d = sub i1 %s, true
  %m = mul i1 %d, %x
  %l = icmp slt i1 %x, %y
  %u = icmp ult i1 %m, %y
  %o = xor i1 %l, %u
  %e = sext i1 %o to i64
  %r = add i64 %e, %c
  ret i64 %r
}
define i64 @ll_aggregate(i64 %a, i64 %b, i64 %c) {
  %1 = insertvalue {i64, [2 x i32], i1} poison, i64 %a, 0
  %b32 = trunc i64 %b to i32
  %2 = insertvalue {i64, [2 x i32], i1} %1, i32 %b32, 1, 0
  %3 = insertvalue {i64, [2 x i32], i1} %2, i32 7, 1, 1
  %f = icmp eq i64 %a, %c
  %4 = insertvalue {i64, [2 x i32], i1} %3, i1 %f, 2
  %p = alloca {i64, [2 x i32], i1}, align 8
  store {i64, [2 x i32], i1} %4, ptr %p, align 8
  %5 = load {i64, [2 x i32], i1}, ptr %p, align 8
  %6 = select i1 %f, {i64, [2 x i32], i1} %5, {i64, [2 x i32], i1} %4
  %x = extractvalue {i64, [2 x i32], i1} %6, 0
  %y = extractvalue {i64, [2 x i32], i1} %6, 1, 0
  %z = extractvalue {i64, [2 x i32], i1} %6, 2
  %y64 = zext i32 %y to i64
  %z64 = zext i1 %z to i64
  %r = add i64 %x, %y64
  %t = add i64 %r, %z64
  ret i64 %t
}
define i64 @ll_equal_edges(i64 %a, i64 %b, i64 %c) {
  %f = icmp ult i64 %a, %b
  br i1 %f, label %next, label %next
next:
  %x = phi i64 [%c, %0], [%c, %0]
  switch i64 %x, label %end [i64 1, label %one
                             i64 2, label %one
                             i64 3, label %end]
one:
  br label %end
end:
  %r = phi i64 [%b, %next], [%b, %next], [%a, %one]
  ret i64 %r
}
define i64 @ll_swapping_phis(i64 %a, i64 %b, i64 %c) {
  br label %loop
loop:
  %x = phi i64 [%a, %0], [%y, %loop]
  %y = phi i64 [%b, %0], [%x, %loop]
  %i = phi i8 [0, %0], [%j, %loop]
  %j = add nuw nsw i8 %i, 1
  %f = icmp eq i8 %j, 5
  br i1 %f, label %end, label %loop
end:
  %r = sub i64 %x, %c
  ret i64 %r
}
define i64 @ll_nested_loops(i64 %a, i64 %b, i64 %c) { ; the inner one leaves both
  br label %outer
outer:
  %i = phi i64 [0, %0], [%i1, %latch]
  %s = phi i64 [%a, %0], [%s3, %latch]
  br label %inner
inner:
  %k = phi i64 [%i, %outer], [%k1, %more]
  %s1 = phi i64 [%s, %outer], [%s2, %more]
  %bit = shl nuw i64 1, %k
  %t = and i64 %bit, %b
  %z = icmp eq i64 %t, 0
  br i1 %z, label %more, label %out
more:
  %s2 = add i64 %s1, %c
  %k1 = add nuw nsw i64 %k, 1
  %d = icmp ult i64 %k1, 5
  br i1 %d, label %inner, label %latch
latch:
  %s3 = mul i64 %s2, 3
  %i1 = add nuw nsw i64 %i, 1
  %e = icmp ult i64 %i1, 4
  br i1 %e, label %outer, label %out
out:
  %r = phi i64 [%s1, %inner], [%s3, %latch]
  ret i64 %r
}
define i64 @ll_addresses(i64 %a, i64 %b, i64 %c) {
  %p = alloca [4 x i64], align 16
  store i64 %a, ptr %p, align 16
  %1 = getelementptr inbounds nuw i64, ptr %p, i8 3
  store i64 %b, ptr %1, align 8
  %2 = getelementptr inbounds i8, ptr %1, i64 -8
  store i64 %c, ptr %2, align 16
  %3 = getelementptr i64, ptr %p, i64 9
  %4 = getelementptr i64, ptr %3, i32 -7
  %x = load i64, ptr %4, align 8
  %end = getelementptr inbounds i64, ptr %p, i64 4
  %last = getelementptr inbounds i64, ptr %end, i64 -1
  %y = load i64, ptr %last, align 8
  %f = icmp eq ptr %last, %1
  %g = zext i1 %f to i64
  %r = sub i64 %x, %y
  %t = add i64 %r, %g
  ret i64 %t
}

; judged.ll: theorems in LLVM's own language, as judged.c: bad/X is refuted, good/X proved, error/X an error.

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"

@w = private constant [4 x i8] c"one\00"
@a = private constant [2 x i8] c"a\00"
@b = private constant [2 x i8] c"b\00"
declare i64 @proof_any(i32, ptr)
declare void @check(ptr, i1)
declare void @assume(i1)
declare void @llvm.lifetime.start.p0(i64, ptr)
declare void @llvm.lifetime.end.p0(i64, ptr)
declare void @llvm.assume(i1)
declare i32 @llvm.ctlz.i32(i32, i1)
declare i32 @llvm.abs.i32(i32, i1)
declare i64 @llvm.ctpop.i64(i64)

define internal i64 @take(i64 noundef %x) {
  ret i64 %x
}
define internal i64 @take_any(i64 %x) {
  ret i64 %x
}
define internal range(i64 0, 10) i64 @small(i64 %x) {
  ret i64 %x
}
define internal noundef i64 @clean(i64 %x) {
  ret i64 %x
}
define internal i64 @low(i64 %x) {
  %r = and i64 %x, 7
  ret i64 %r
}
define internal void @aligned(ptr align 8 %p) {
  store i8 1, ptr %p, align 1
  ret void
}

define void @theorem__bad__add_nsw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %r = add nsw i64 %a, 1
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__add_nsw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %r = add i64 %a, 1
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__add_nuw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = lshr i64 %a, 1
  %r = add nuw i64 %a, %b
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__add_nuw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = lshr i64 %a, 1
  %r = add nuw i64 %x, %x
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__sub_nuw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = and i64 %a, %b
  %r = sub nuw i64 %a, %b
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__sub_nuw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = and i64 %a, %b
  %r = sub nuw i64 %a, %x
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__mul_nsw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = ashr i64 %a, 9
  %r = mul nsw i64 %a, 3
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__mul_nsw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = ashr i64 %a, 9
  %r = mul nsw i64 %x, 3
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__mul_nuw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = lshr i64 %a, 9
  %r = mul nuw i64 %a, 3
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__mul_nuw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = lshr i64 %a, 9
  %r = mul nuw i64 %x, 3
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__shl_nuw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = lshr i64 %a, 3
  %r = shl nuw i64 %a, 3
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__shl_nuw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = lshr i64 %a, 3
  %r = shl nuw i64 %x, 3
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__shl_nsw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = lshr i64 %a, 3
  %r = shl nsw i64 %x, 3
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__shl_nsw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = lshr i64 %a, 3
  %r = shl nsw i64 %x, 2
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__shl_far() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = and i64 %b, 64
  %y = and i64 %b, 63
  %r = shl i64 %a, %x
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__shl_far() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = and i64 %b, 64
  %y = and i64 %b, 63
  %r = shl i64 %a, %y
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__ashr_far() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %r = ashr i64 %a, 64
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__ashr_far() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %r = ashr i64 %a, 63
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__lshr_exact() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = shl i64 %a, 1
  %r = lshr exact i64 %a, 1
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__lshr_exact() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = shl i64 %a, 1
  %r = lshr exact i64 %x, 1
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__udiv_exact() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = and i64 %a, -8
  %r = udiv exact i64 %a, 4
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__udiv_exact() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = and i64 %a, -8
  %r = udiv exact i64 %x, 4
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__or_disjoint() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = and i64 %a, -2
  %r = or disjoint i64 %a, 1
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__or_disjoint() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = and i64 %a, -2
  %r = or disjoint i64 %x, 1
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__zext_nneg() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = trunc i64 %a to i32
  %z = trunc i64 %a to i31
  %y = lshr i31 %z, 1
  %r = zext nneg i32 %x to i64
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__zext_nneg() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = trunc i64 %a to i32
  %z = trunc i64 %a to i31
  %y = lshr i31 %z, 1
  %r = zext nneg i31 %y to i64
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__trunc_nuw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = lshr i64 %a, 31
  %t = trunc nuw i64 %x to i32
  %r = zext i32 %t to i64
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__trunc_nuw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = lshr i64 %a, 32
  %t = trunc nuw i64 %x to i32
  %r = zext i32 %t to i64
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__trunc_nsw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = lshr i64 %a, 32
  %t = trunc nsw i64 %x to i32
  %r = zext i32 %t to i64
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__trunc_nsw() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = lshr i64 %a, 33
  %t = trunc nsw i64 %x to i32
  %r = zext i32 %t to i64
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__freeze() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  %r = add nsw i64 %a, 1
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__freeze() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  %r = freeze i64 %x
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__select_condition() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  %c = icmp eq i64 %x, 0
  %d = freeze i1 %c
  %r = select i1 %c, i64 %a, i64 %b
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__select_condition() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  %c = icmp eq i64 %x, 0
  %d = freeze i1 %c
  %r = select i1 %d, i64 %a, i64 %b
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__select_side() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  %c = icmp sgt i64 %a, 5
  %r = select i1 %c, i64 %x, i64 %b
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__select_side() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  %c = icmp sgt i64 %a, 5
  %r = select i1 %c, i64 0, i64 %b
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__through_call() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  %r = call i64 @take_any(i64 %x)
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__through_call() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  %r = call i64 @low(i64 3)
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__range_of_callee() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = and i64 %a, 7
  %r = call i64 @small(i64 %a)
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__range_of_callee() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = and i64 %a, 7
  %r = call i64 @small(i64 %x)
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__range_of_call() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %r = call range(i64 0, 3) i64 @low(i64 %a)
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__range_of_call() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %r = call range(i64 0, 8) i64 @low(i64 %a)
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__noundef_result() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  %r = call i64 @clean(i64 %x)
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__noundef_result() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  %r = call i64 @clean(i64 %a)
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__noundef_call() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = and i64 %a, 7
  %r = call noundef range(i64 0, 7) i64 @take_any(i64 %x)
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__noundef_call() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = and i64 %a, 7
  %r = call noundef range(i64 0, 8) i64 @take_any(i64 %x)
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__sdiv_poison() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %n = add nsw i64 %a, 1
  %x = and i64 %n, 7
  %y = and i64 %a, 7
  %r = sdiv i64 %x, -1
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__sdiv_poison() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %n = add nsw i64 %a, 1
  %x = and i64 %n, 7
  %y = and i64 %a, 7
  %r = sdiv i64 %y, -1
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__ctlz_strict() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = trunc i64 %a to i32
  %t = call i32 @llvm.ctlz.i32(i32 %x, i1 true)
  %r = zext i32 %t to i64
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__ctlz_strict() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = trunc i64 %a to i32
  %t = call i32 @llvm.ctlz.i32(i32 %x, i1 false)
  %r = zext i32 %t to i64
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__abs_strict() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = trunc i64 %a to i32
  %t = call i32 @llvm.abs.i32(i32 %x, i1 true)
  %r = zext i32 %t to i64
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__abs_strict() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = trunc i64 %a to i32
  %t = call i32 @llvm.abs.i32(i32 %x, i1 false)
  %r = zext i32 %t to i64
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__undef() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = xor i64 undef, %a
  %r = and i64 %x, 1
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__undef() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = xor i64 7, %a
  %r = and i64 %x, 1
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__phi() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  %c = icmp ult i64 %b, 4
  br i1 %c, label %p, label %q
p:
  br label %q
q:
  %r = phi i64 [%x, %0], [%b, %p]
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__phi() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  %c = icmp ult i64 %b, 4
  br i1 %c, label %p, label %q
p:
  br label %q
q:
  %r = phi i64 [%a, %0], [%b, %p]
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__memory() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %p = alloca i64, align 8
  %x = add nsw i64 %a, 1
  store i64 %x, ptr %p, align 8
  %r = load i64, ptr %p, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__memory() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %p = alloca i64, align 8
  %x = add nsw i64 %a, 1
  store i64 %b, ptr %p, align 8
  %r = load i64, ptr %p, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__load_range() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %p = alloca i64, align 8
  %x = and i64 %a, 15
  store i64 %x, ptr %p, align 8
  %r = load i64, ptr %p, align 8, !range !0, !noundef !1
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__load_range() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %p = alloca i64, align 8
  %x = and i64 %a, 7
  store i64 %x, ptr %p, align 8
  %r = load i64, ptr %p, align 8, !range !0, !noundef !1
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__aggregate() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  %s = insertvalue {i64, i64} poison, i64 %x, 0
  %t = insertvalue {i64, i64} %s, i64 %b, 1
  %r = extractvalue {i64, i64} %t, 0
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__aggregate() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  %s = insertvalue {i64, i64} poison, i64 %a, 0
  %t = insertvalue {i64, i64} %s, i64 %b, 1
  %r = extractvalue {i64, i64} %t, 0
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__aggregate_part() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %s = insertvalue {i64, i64} poison, i64 %a, 0
  %r = extractvalue {i64, i64} %s, 1
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__aggregate_part() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %s = insertvalue {i64, i64} poison, i64 %a, 0
  %r = extractvalue {i64, i64} %s, 0
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__with_overflow() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  %r = call i64 @llvm.ctpop.i64(i64 %x)
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__with_overflow() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  %r = call i64 @llvm.ctpop.i64(i64 %a)
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__switch() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  switch i64 %x, label %q [i64 4, label %q]
q:
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__switch() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = add nsw i64 %a, 1
  switch i64 %b, label %q [i64 4, label %q]
q:
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__llvm_assume() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = and i64 %a, 7
  %c = icmp ult i64 %x, 7
  call void @llvm.assume(i1 %c)
  call void @check(ptr @w, i1 %c)
  ret void
}

define void @theorem__good__llvm_assume() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %x = and i64 %a, 7
  %c = icmp ult i64 %x, 8
  call void @llvm.assume(i1 %c)
  call void @check(ptr @w, i1 %c)
  ret void
}

define void @theorem__bad__before_lifetime() {
  %p = alloca i64, align 8
  store i64 1, ptr %p, align 8
  call void @llvm.lifetime.start.p0(i64 8, ptr %p)
  store i64 1, ptr %p, align 8
  %r = load i64, ptr %p, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__before_lifetime() {
  %p = alloca i64, align 8
  
  call void @llvm.lifetime.start.p0(i64 8, ptr %p)
  store i64 1, ptr %p, align 8
  %r = load i64, ptr %p, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__after_lifetime() {
  %p = alloca i64, align 8
  call void @llvm.lifetime.start.p0(i64 8, ptr %p)
  store i64 1, ptr %p, align 8
  %r = load i64, ptr %p, align 8
  call void @llvm.lifetime.end.p0(i64 8, ptr %p)
  store i64 1, ptr %p, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__after_lifetime() {
  %p = alloca i64, align 8
  call void @llvm.lifetime.start.p0(i64 8, ptr %p)
  store i64 1, ptr %p, align 8
  %r = load i64, ptr %p, align 8
  call void @llvm.lifetime.end.p0(i64 8, ptr %p)
  
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__lifetime_again() {
  %p = alloca i64, align 8
  call void @llvm.lifetime.start.p0(i64 8, ptr %p)
  store i64 1, ptr %p, align 8
  call void @llvm.lifetime.end.p0(i64 8, ptr %p)
  call void @llvm.lifetime.start.p0(i64 8, ptr %p)
  
  %r = load i64, ptr %p, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__lifetime_again() {
  %p = alloca i64, align 8
  call void @llvm.lifetime.start.p0(i64 8, ptr %p)
  store i64 1, ptr %p, align 8
  call void @llvm.lifetime.end.p0(i64 8, ptr %p)
  call void @llvm.lifetime.start.p0(i64 8, ptr %p)
  store i64 1, ptr %p, align 8
  %r = load i64, ptr %p, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__lifetime_on_one_path() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %p = alloca i64, align 8
  call void @llvm.lifetime.start.p0(i64 8, ptr %p)
  store i64 1, ptr %p, align 8
  %c = icmp ult i64 %a, 5
  br i1 %c, label %x, label %y
x:
  call void @llvm.lifetime.end.p0(i64 8, ptr %p)
  br label %y
y:
  store i64 2, ptr %p, align 8
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__lifetime_on_one_path() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %p = alloca i64, align 8
  call void @llvm.lifetime.start.p0(i64 8, ptr %p)
  store i64 1, ptr %p, align 8
  %c = icmp ult i64 %a, 5
  br i1 %c, label %x, label %y
x:
  store i64 3, ptr %p, align 8
  br label %y
y:
  store i64 2, ptr %p, align 8
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__gep_step_outside() {
  %p = alloca [2 x [4 x i64]], align 8
  store i64 1, ptr %p, align 8
  %q = getelementptr inbounds [2 x [4 x i64]], ptr %p, i64 0, i64 3, i64 -12
  %r = load i64, ptr %q, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__gep_step_outside() {
  %p = alloca [2 x [4 x i64]], align 8
  store i64 1, ptr %p, align 8
  %q = getelementptr  [2 x [4 x i64]], ptr %p, i64 0, i64 3, i64 -12
  %r = load i64, ptr %q, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__gep_from_outside() {
  %p = alloca [2 x i64], align 8
  store i64 1, ptr %p, align 8
  %o = getelementptr i64, ptr %p, i64 3
  %q = getelementptr inbounds i64, ptr %o, i64 -3
  %r = load i64, ptr %q, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__gep_from_outside() {
  %p = alloca [2 x i64], align 8
  store i64 1, ptr %p, align 8
  %o = getelementptr i64, ptr %p, i64 3
  %q = getelementptr  i64, ptr %o, i64 -3
  %r = load i64, ptr %q, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__gep_wraps() {
  %p = alloca [2 x i64], align 8
  store i64 1, ptr %p, align 8
  %q = getelementptr inbounds i64, ptr %p, i64 2305843009213693952
  %r = load i64, ptr %q, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__gep_wraps() {
  %p = alloca [2 x i64], align 8
  store i64 1, ptr %p, align 8
  %q = getelementptr  i64, ptr %p, i64 2305843009213693952
  %r = load i64, ptr %q, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__gep_nuw() {
  %p = alloca [2 x i64], align 8
  store i64 1, ptr %p, align 8
  %o = getelementptr inbounds i64, ptr %p, i64 1
  %q = getelementptr inbounds nuw i64, ptr %o, i64 -1
  %r = load i64, ptr %q, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__gep_nuw() {
  %p = alloca [2 x i64], align 8
  store i64 1, ptr %p, align 8
  %o = getelementptr inbounds i64, ptr %p, i64 1
  %q = getelementptr inbounds nusw i64, ptr %o, i64 -1
  %r = load i64, ptr %q, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__align_argument() {
  %p = alloca i64, align 4
  call void @aligned(ptr %p)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__align_argument() {
  %p = alloca i64, align 8
  call void @aligned(ptr %p)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__load_align() {
  %p = alloca i64, align 4
  store i64 1, ptr %p, align 2
  %r = load i64, ptr %p, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__load_align() {
  %p = alloca i64, align 8
  store i64 1, ptr %p, align 2
  %r = load i64, ptr %p, align 8
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__error__odd_width_dirty() {
  %p = alloca i8, align 1
  store i8 8, ptr %p, align 1
  %x = load i3, ptr %p, align 1
  %r = zext i3 %x to i64
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__odd_width_dirty() {
  %p = alloca i8, align 1
  store i3 7, ptr %p, align 1
  %x = load i3, ptr %p, align 1
  %r = zext i3 %x to i64
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__bad__padding_of_aggregate() {
  %p = alloca {i8, i32}, align 4
  store i64 0, ptr %p, align 4
  store {i8, i32} {i8 1, i32 2}, ptr %p, align 4
  %r = load i64, ptr %p, align 4
  %x = load i8, ptr %p, align 4
  %y = zext i8 %x to i64
  %u = call i64 @take(i64 %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__padding_of_aggregate() {
  %p = alloca {i8, i32}, align 4
  store i64 0, ptr %p, align 4
  store {i8, i32} {i8 1, i32 2}, ptr %p, align 4
  %r = load i64, ptr %p, align 4
  %x = load i8, ptr %p, align 4
  %y = zext i8 %x to i64
  %u = call i64 @take(i64 %y)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__error__assume_bundle() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %p = alloca i64, align 4
  call void @llvm.assume(i1 true) ["align"(ptr %p, i64 8)]
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__error__wrong_type() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %r = call i32 @low(i64 %a)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__error__wrong_convention() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %r = call fastcc i64 @low(i64 %a)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__error__two_ranges() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %p = alloca i64, align 8
  store i64 %a, ptr %p, align 8
  %r = load i64, ptr %p, align 8, !range !2
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__error__nonnull_metadata() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %p = alloca ptr, align 8
  store ptr null, ptr %p, align 8
  %r = load ptr, ptr %p, align 8, !nonnull !1
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__error__dereferenceable_or_null() {
  call void @or_null(ptr null)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__error__freeze_of_pointer() {
  %p = freeze ptr poison
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__error__vector_constant() {
  %p = alloca <2 x i32>, align 8
  store <2 x i32> <i32 1, i32 2>, ptr %p, align 8
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__error__fence() {
  fence seq_cst
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__error__named_register() {
  call void @llvm.write_register.i64(metadata !3, i64 1)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__error__lifetime_of_two() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %b = call i64 @proof_any(i32 64, ptr @b)
  %p = alloca i64, align 8
  %q = alloca i64, align 8
  %c = icmp eq i64 %a, 1
  %r = select i1 %c, ptr %p, ptr %q
  call void @llvm.lifetime.end.p0(i64 8, ptr %r)
  call void @check(ptr @w, i1 true)
  ret void
}

define internal void @or_null(ptr dereferenceable_or_null(8) %p) {
  ret void
}
declare void @llvm.write_register.i64(metadata, i64)
!0 = !{i64 0, i64 8}
!1 = !{}
!2 = !{i64 0, i64 8, i64 9, i64 10}
!3 = !{!"rsp"}

; who is called in place of a function has nothing left of its variables
@kept = private constant i64 7, align 8
define internal void @reads(ptr %p) {
  %v = load i64, ptr %p
  %c = icmp eq i64 %v, 7
  call void @check(ptr @w, i1 %c)
  ret void
}
define internal void @passes(ptr %unused) {
  %a = alloca i64
  store i64 7, ptr %a
  musttail call void @reads(ptr %a)
  ret void
}
define internal void @passes_kept(ptr %unused) {
  musttail call void @reads(ptr @kept)
  ret void
}
define void @theorem__bad__tail_call_of_local() {
  call void @passes(ptr null)
  ret void
}
define void @theorem__good__tail_call_of_local() {
  call void @passes_kept(ptr null)
  ret void
}

define void @theorem__error__distance_of_objects() {
  %a = alloca i64
  %b = alloca i64
  %x = ptrtoint ptr %a to i64
  %y = ptrtoint ptr %b to i64
  %d = sub i64 %x, %y
  %c = icmp ne i64 %d, 0
  call void @check(ptr @w, i1 %c)
  ret void
}

define internal void @fast(ptr %p) {
  ret void
}
define void @theorem__error__wrong_type_of_pointer() {
  %p = alloca ptr
  store ptr @fast, ptr %p
  %f = load ptr, ptr %p
  call void %f(i64 1)
  call void @check(ptr @w, i1 true)
  ret void
}
define void @theorem__error__null_call() {
  %p = alloca ptr
  store ptr null, ptr %p
  %f = load ptr, ptr %p
  call void %f(i64 1)
  call void @check(ptr @w, i1 true)
  ret void
}

; whether this wraps depends on where %p is
define void @theorem__error__gep_nusw() {
  %p = alloca i64, align 8
  %g = getelementptr nusw i8, ptr %p, i64 -9223372036854775808
  %q = getelementptr i8, ptr %g, i64 -9223372036854775808
  store i64 1, ptr %q, align 8
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__error__gep_nuw() {
  %p = getelementptr i8, ptr null, i64 -8
  %q = getelementptr nuw i8, ptr %p, i64 16
  %r = call ptr @take_pointer(ptr %q)
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__error__gep_constant_nuw() {
  %r = call ptr @take_pointer(ptr getelementptr nuw (i8, ptr @w, i64 2))
  call void @check(ptr @w, i1 true)
  ret void
}

define internal ptr @take_pointer(ptr noundef %p) {
  ret ptr %p
}

define void @theorem__bad__gep_constant() {
  %r = call ptr @take_pointer(ptr getelementptr inbounds ([4 x i8], ptr @w, i64 0, i64 100))
  call void @check(ptr @w, i1 true)
  ret void
}

define void @theorem__good__gep_constant() {
  %r = call ptr @take_pointer(ptr getelementptr inbounds ([4 x i8], ptr @w, i64 0, i64 4))
  %s = call ptr @take_pointer(ptr getelementptr ([4 x i8], ptr @w, i64 0, i64 100))
  call void @check(ptr @w, i1 true)
  ret void
}

; out of the object and back again
define void @theorem__bad__gep_constant_between() {
  %r = call ptr @take_pointer(ptr getelementptr inbounds ([4 x i8], ptr @w, i64 2, i64 -6))
  call void @check(ptr @w, i1 true)
  ret void
}

; two constants whose addresses do not matter may be one
@one_literal = private unnamed_addr constant [2 x i8] c"z\00"
@another_literal = private unnamed_addr constant [2 x i8] c"z\00"
@place = private constant [2 x i8] c"z\00"
@another_place = private constant [2 x i8] c"z\00"
@variable = private unnamed_addr global [2 x i8] c"z\00"
define void @theorem__false__literals_apart() {
  %d = icmp ne ptr @one_literal, @another_literal
  call void @check(ptr @w, i1 %d)
  ret void
}
define void @theorem__false__literal_and_place() {
  %d = icmp ne ptr @one_literal, @place
  call void @check(ptr @w, i1 %d)
  ret void
}
define void @theorem__good__apart() {
  %d = icmp ne ptr @place, @another_place
  call void @check(ptr @w, i1 %d)
  %e = icmp ne ptr @one_literal, @variable
  call void @check(ptr @w, i1 %e)
  ret void
}

; loaded as one value and stored again: poison as a whole, though some bytes were never stored
define internal i8 @take_byte(i8 noundef %x) {
  ret i8 %x
}
define internal i64 @through(ptr %to, ptr %from) {
  %v = load i64, ptr %from, align 8
  store i64 %v, ptr %to, align 8
  ret i64 0
}
define void @theorem__bad__raw_poison() {
  %p = alloca i64, align 8
  %q = alloca i64, align 8
  %a = call i64 @proof_any(i32 64, ptr @a)
  %t = trunc i64 %a to i8
  %s = add nsw i8 %t, 1
  store i8 7, ptr %p, align 1
  %p1 = getelementptr i8, ptr %p, i64 1
  store i8 %s, ptr %p1, align 1
  %r = call i64 @through(ptr %q, ptr %p)
  %c = load i8, ptr %q, align 1
  %u = call i8 @take_byte(i8 %c)
  call void @check(ptr @w, i1 true)
  ret void
}
define void @theorem__good__raw_poison() { ; none is poison, or they are copied as bytes
  %p = alloca i64, align 8
  %q = alloca i64, align 8
  %z = alloca i64, align 8
  %a = call i64 @proof_any(i32 64, ptr @a)
  %t = trunc i64 %a to i8
  store i8 7, ptr %p, align 1
  %p1 = getelementptr i8, ptr %p, i64 1
  store i8 %t, ptr %p1, align 1
  %r = call i64 @through(ptr %q, ptr %p)
  %c = load i8, ptr %q, align 1
  %u = call i8 @take_byte(i8 %c)
  %s = add nsw i8 %t, 1
  store i8 %s, ptr %p1, align 1
  call void @llvm.memcpy.p0.p0.i64(ptr align 8 %z, ptr align 8 %p, i64 8, i1 false)
  %d = load i8, ptr %z, align 1
  %v = call i8 @take_byte(i8 %d)
  %e = icmp eq i8 %c, %d
  call void @check(ptr @w, i1 %e)
  ret void
}
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)

; ends/X: undefined on a path that ends there, and right on the others
declare void @llvm.trap()
define internal i64 @trap_at_zero(i64 %x) {
  %c = icmp eq i64 %x, 0
  br i1 %c, label %t, label %e
t:
  call void @llvm.trap()
  unreachable
e:
  ret i64 %x
}
define void @theorem__ends__trap() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %r = call i64 @trap_at_zero(i64 %a)
  %ok = icmp ne i64 %r, 0
  call void @check(ptr @w, i1 %ok)
  ret void
}
define internal i64 @end_at_zero(i64 %x) {
  %c = icmp eq i64 %x, 0
  br i1 %c, label %t, label %e
t:
  unreachable
e:
  ret i64 %x
}
define void @theorem__ends__unreachable() {
  %a = call i64 @proof_any(i32 64, ptr @a)
  %r = call i64 @end_at_zero(i64 %a)
  %ok = icmp ne i64 %r, 0
  call void @check(ptr @w, i1 %ok)
  ret void
}

; what is above a truth value in its byte is not said
define void @theorem__error__byte_of_truth() {
  %p = alloca i8, align 1
  %a = call i64 @proof_any(i32 64, ptr @a)
  %t = trunc i64 %a to i1
  store i1 %t, ptr %p, align 1
  %c = load i8, ptr %p, align 1
  %ok = icmp ult i8 %c, 2
  call void @check(ptr @w, i1 %ok)
  ret void
}
define void @theorem__bad__byte_of_truth_merged() { ; nor where another path stored a byte
  %p = alloca i8, align 1
  %a = call i64 @proof_any(i32 64, ptr @a)
  %t = trunc i64 %a to i1
  br i1 %t, label %truth, label %byte
truth:
  store i1 %t, ptr %p, align 1
  br label %both
byte:
  store i8 0, ptr %p, align 1
  br label %both
both:
  %c = load i8, ptr %p, align 1
  %ok = icmp ult i8 %c, 2
  call void @check(ptr @w, i1 %ok)
  ret void
}

/* hash_test.c: the hash of a function changes with all that it is made of, and nothing else. */
#include <llvm-c/BitWriter.h>
#include <llvm-c/IRReader.h>
#include <stdlib.h>

#include "proofs/ir.h"
#include "tests/check.h"

static const char module[] = "target datalayout = \"e-m:e-i64:64-n8:16:32:64-S128\"\n"
                             "%struct.inner = type { i64 }\n"
                             "%struct.s = type { i64, %struct.inner }\n"
                             "%struct.other = type { i32 }\n"
                             "@.str = private unnamed_addr constant [2 x i8] c\"a\\00\"\n"
                             "@.str.1 = private unnamed_addr constant [2 x i8] c\"b\\00\"\n"
                             "@percent = private constant [9 x i8] c\"%s #0 !0\\00\"\n"
                             "@table = private constant [1 x ptr] [ptr @percent]\n"
                             "declare void @say(ptr)\n"
                             "declare i64 @outside(i64) #0\n"
                             "define void @unrelated(ptr %p) {\n"
                             "  %x = load i8, ptr %p, !range !0\n"
                             "  %q = getelementptr %struct.other, ptr %p, i64 1\n"
                             "  ret void\n"
                             "}\n"
                             "define range(i64 0, 4) i64 @stands(i64 %x) {\n"
                             "  %r = and i64 %x, 3\n"
                             "  ret i64 %r\n"
                             "}\n"
                             "define void @twice(ptr %p) {\n"
                             "  call void @say(ptr @.str.1)\n"
                             "  call void @say(ptr @.str)\n"
                             "  ret void\n"
                             "}\n"
                             "define void @f(ptr %p) {\n"
                             "  %x = load i8, ptr %p, !range !1\n"
                             "  %q = getelementptr %struct.s, ptr %p, i64 1\n"
                             "  call void @say(ptr @.str)\n"
                             "  call void @say(ptr @.str.1)\n"
                             "  call void @say(ptr @table)\n"
                             "  call void @twice(ptr %q)\n"
                             "  %u = call i64 @outside(i64 1) #1\n"
                             "  %v = call i64 @stands(i64 1)\n"
                             "  br label %loop\n"
                             "loop:\n"
                             "  br label %loop, !llvm.loop !2\n"
                             "}\n"
                             "attributes #0 = { nounwind }\n"
                             "attributes #1 = { cold }\n"
                             "!0 = !{i8 0, i8 7}\n"
                             "!1 = !{i8 0, i8 2}\n"
                             "!2 = distinct !{!2, !3}\n"
                             "!3 = !{!\"llvm.loop.mustprogress\"}\n";

/* replaced: the module with a text in the place of another, which it must have. */
static char *replaced(const char *old, const char *new) {
    const char *const at = strstr(module, old);
    const size_t size = sizeof module + strlen(new);
    char *const text = malloc(size);
    if (!at || !text) {
        printf("not in the module: %s\n", old);
        abort();
    }
    snprintf(text, size, "%.*s%s%s", (int)(at - module), module, new, at + strlen(old));
    return text;
}

static struct bitcode *load(const char *text) {
    char *why = NULL, err[160] = "";
    LLVMModuleRef m = NULL;
    const LLVMContextRef c = LLVMContextCreate();
    const LLVMMemoryBufferRef in =
        LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), "module");
    if (LLVMParseIRInContext(c, in, &m, &why)) {
        printf("%s\n", why);
        abort();
    }
    const LLVMMemoryBufferRef out = LLVMWriteBitcodeToMemoryBuffer(m);
    struct bitcode *const b = bitcode_load(LLVMGetBufferStart(out), LLVMGetBufferSize(out), err);
    CHECK_STR(err, "");
    LLVMDisposeMemoryBuffer(out);
    LLVMDisposeModule(m);
    LLVMContextDispose(c);
    return b;
}

/* hash_of: f, where something else stands for one function. */
static uint64_t hash_of(const char *text) {
    struct bitcode *const b = load(text);
    const LLVMValueRef without = b ? bitcode_find(b, "stands") : NULL;
    uint64_t h = 0;
    CHECK(b && bitcode_hash(b, bitcode_find(b, "f"), &without, 1, &h));
    bitcode_free(b);
    return h;
}

static void changed(const char *old, const char *new, bool differs) {
    char *const text = replaced(old, new);
    check_note(new);
    CHECK_EQ(hash_of(text) != hash_of(module), differs);
    free(text);
}

int main(void) {
    CHECK_EQ(hash_of(module), hash_of(module));
    /* what it is made of, wherever that stands */
    changed("%struct.s = type { i64,", "%struct.s = type { i32,", true);
    changed("%struct.inner = type { i64 }", "%struct.inner = type { i8 }", true);
    changed("!1 = !{i8 0, i8 2}", "!1 = !{i8 0, i8 4}", true);
    changed("!\"llvm.loop.mustprogress\"", "!\"llvm.loop.unroll.disable\"", true);
    changed("#1 = { cold }", "#1 = { hot }", true);
    changed("#0 = { nounwind }", "#0 = { memory(none) }", true);
    changed("c\"b\\00\"", "c\"c\\00\"", true);
    changed("c\"%s #0 !0", "c\"%s #1 !0", true);
    changed("e-m:e-i64:64", "e-m:e-i64:32", true);
    changed("@say(ptr @.str.1)\n  call void @say(ptr @.str)",
            "@say(ptr @.str)\n  call void @say(ptr @.str.1)", true);
    changed("range(i64 0, 4) i64 @stands", "range(i64 0, 5) i64 @stands", true);
    changed("i64 @stands(i64 %x)", "i64 @stands(i64 noundef %x)", true);
    /* what it is not: a body that something stands for, other functions, numbers */
    changed("%r = and i64 %x, 3", "%r = and i64 %x, 2", false);
    changed("!0 = !{i8 0, i8 7}", "!0 = !{i8 0, i8 9}", false);
    changed("%struct.other = type { i32 }", "%struct.other = type { i64 }", false);
    changed("ptr %p, !range !0", "ptr %p", false);
    changed("@unrelated(ptr %p) {", "@unrelated(ptr %p) nounwind cold {", false);
    changed(
        "@percent = private constant [9 x i8]",
        "@.str.0 = private constant [1 x i8] zeroinitializer\n@percent = private constant [9 x i8]",
        false);
    return check_end();
}

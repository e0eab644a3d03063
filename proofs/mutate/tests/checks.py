"""checks.py: what tests of this folder check, counted. Their own folder is where Python looks first."""
checks, failed = 0, 0


def check(what, c):
    global checks, failed
    checks += 1
    if not c:
        failed += 1
        print(f"not so: {what}")


def end():
    """Tell, for an exit status: a test that has checked nothing has failed."""
    print(f"{checks} checks, {failed} failed")
    return 1 if failed or not checks else 0

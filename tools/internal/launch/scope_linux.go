package launch

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// scopeABI is the first version of Landlock that scopes signals (Linux 6.12).
const scopeABI = 6

// ruleset is landlock_ruleset_attr as of scopeABI. It handles neither files nor network, so it restricts neither.
type ruleset struct{ files, network, scoped uint64 }

// scopeSignals restricts this thread, and all that it executes or starts, to sending signals to the processes that it started. If the
// kernel has no such scope, it does nothing.
func scopeSignals() error {
	if landlockABI() < scopeABI {
		return nil
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	rules := ruleset{scoped: unix.LANDLOCK_SCOPE_SIGNAL}
	fd, _, failed := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), unsafe.Sizeof(rules), 0)
	if failed != 0 {
		return fmt.Errorf("ruleset: %w", failed)
	}
	defer unix.Close(int(fd))
	if _, _, failed = unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); failed != 0 {
		return fmt.Errorf("restrict: %w", failed)
	}
	return nil
}

// landlockABI is 0 where Landlock is not built in, not enabled, or not allowed.
func landlockABI() int {
	abi, _, failed := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if failed != 0 {
		return 0
	}
	return int(abi)
}

//go:build !linux

package launch

const scopeABI = 6

// Landlock is Linux's.
func landlockABI() int    { return 0 }
func scopeSignals() error { return nil }

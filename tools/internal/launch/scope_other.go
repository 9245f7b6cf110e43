//go:build !linux

package launch

const scopeABI = 6

// Only Linux has Landlock.
func landlockABI() int    { return 0 }
func scopeSignals() error { return nil }

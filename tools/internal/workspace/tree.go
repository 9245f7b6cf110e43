package workspace

// tree has all entries of a workspace.
type tree struct{}

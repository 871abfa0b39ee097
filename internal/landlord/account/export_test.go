package account

// PasswordOf returns the password of a run account.
func PasswordOf(r *Run) string { return r.password }

// LockOf names the lock of a run account, which the session that made it holds.
func LockOf(r *Run) string { return lockOf(r.Account.User) }

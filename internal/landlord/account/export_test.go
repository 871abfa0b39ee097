package account

// PasswordOf returns the password of a run account.
func PasswordOf(r *Run) string { return r.password }

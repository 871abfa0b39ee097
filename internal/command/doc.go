// Package command is the door that people and cron enter by: the subcommands of
// terraform-provider-landlord. It reads arguments and the environment, asks the
// door or the engine that knows, and ends with an exit status. A subcommand is a
// Command in Commands; what it does lives in a room of its own, and its file
// here holds its flags.
package command

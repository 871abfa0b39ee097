package command

// Commands returns the subcommands, in the order of the help.
func Commands() []Command {
	return []Command{
		previewCommand(),
		watchCommand(),
		notifyCommand(),
		dashboardCommand(),
		sampleCommand(),
		metricsCommand(),
		adoptCommand(),
	}
}

package command

// Commands returns the subcommands, in the order of the help.
func Commands() []Command {
	return []Command{
		previewCommand(),
		dashboardCommand(),
		sampleCommand(),
		metricsCommand(),
	}
}

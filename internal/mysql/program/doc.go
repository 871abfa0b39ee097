// Package program reads the texts of statements that make views, routines, triggers
// and events: whose they become, which databases they name, and whether an event is
// left enabled. It knows the scanner of SQL text and no server.
package program

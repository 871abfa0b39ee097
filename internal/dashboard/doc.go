// Package dashboard is the administration page: the estate, its tenants,
// templates, migrations that wait, rollouts and checkpoints. It reads through the
// engine, one read of the estate for all visitors, and writes what a person may
// decide: approvals, checkpoints and restores beside a tenant. It runs no
// migration. Everything it serves is embedded; it asks nothing of the network
// but the servers of the estate.
//
// Who may come in: without a file of users, whoever has the address with the
// one-time token that Serve prints, on the loopback interface alone. With one,
// the people in it, by their roles.
package dashboard

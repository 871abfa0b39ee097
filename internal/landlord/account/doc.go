// Package account makes the accounts that the landlord has on a server for
// itself, and knows what the account of the provider may do there. A run account
// exists for one run of SQL that a user wrote: it has rights on what that run may
// touch and on nothing else, so that the server itself refuses everything beyond.
package account

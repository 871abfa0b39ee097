// Package isolation tells what on the servers of an estate reaches from one
// tenant to another, or from somebody else to several: accounts, programs and
// foreign keys. It reads and changes nothing.
package isolation

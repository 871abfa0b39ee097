// Package health tells how tenants do: whether they can be reached and are as
// recorded, how big they are and grow, what they lack, what waits for them, and a
// score with its reasons. It keeps samples, so that there is a history. It changes
// no tenant.
package health

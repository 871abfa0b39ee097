// Package notify tells people what happens to tenants: it finds out what there is
// to tell, keeps it in an outbox of the landlord database, and sends it to the
// addresses of the configuration. What is in the outbox is sent at least once,
// whoever is killed, and always with the same key. Addresses and secrets come
// from the configuration and are written nowhere.
package notify

// Package checkpointing takes checkpoints of tenants, by the user's wish or
// before rows are lost, proves them, keeps them for their retention and removes
// them. How one database is copied is package checkpoint's.
package checkpointing

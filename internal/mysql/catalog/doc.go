// Package catalog reads what a server knows of its databases: their structure in a
// handful of statements whatever their number, their texts one by one, the sizes and
// the load of tables, and who works on them. It gives the texts as they are printed, but
// for the name of the database that they belong to, and knows no tenant.
package catalog

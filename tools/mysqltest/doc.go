// Package mysqltest gives tests real servers: which products to test on, a
// landlord database name and a prefix of its own for each test, and private
// servers for tests that kill or reconfigure one.
//
// It is for tests only. It knows nothing of landlords and tenants beyond their
// database names, and it starts servers through package instance.
package mysqltest

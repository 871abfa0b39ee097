package source_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
)

// faultLines writes faults for a comparison: position, severity when it is no
// error, code, summary, detail.
func faultLines(faults []source.Fault) []string {
	var out []string
	for _, f := range faults {
		severity := ""
		if f.Severity != source.SeverityError {
			severity = string(f.Severity) + " "
		}
		at := f.Position.String()
		if f.File != "" {
			at = f.File + ":" + at
		}
		out = append(out, fmt.Sprintf("%s %s%s: %s: %s", at, severity, f.Code, f.Summary, f.Detail))
	}
	return out
}

// TestGuard has for every rule a statement that it refuses, and what is near to
// it and harmless.
func TestGuard(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		layer source.Layer
		text  string
		want  []string
	}{
		"schema, table":                               {source.LayerSchema, "CREATE TABLE users (id INT PRIMARY KEY)", nil},
		"schema, session of a dump":                   {source.LayerSchema, "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */", []string{"1:1 warning ignored: Statement is left out: `SET` is of no use here: the settings of the session are fixed. Remove it to be rid of this warning."}},
		"schema, several settings":                    {source.LayerSchema, "SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0", []string{"1:1 warning ignored: Statement is left out: `SET` is of no use here: the settings of the session are fixed. Remove it to be rid of this warning."}},
		"schema, names":                               {source.LayerSchema, "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci", []string{"1:1 warning ignored: Statement is left out: `SET NAMES` is of no use here: the settings of the session are fixed. Remove it to be rid of this warning."}},
		"schema, newer than both":                     {source.LayerSchema, "/*!80000 SET SESSION information_schema_stats_expiry=0 */", []string{"1:1 warning ignored: Statement is left out: `SET SESSION` is of no use here: the settings of the session are fixed. Remove it to be rid of this warning."}},
		"schema, strict mode":                         {source.LayerSchema, "SET SESSION innodb_strict_mode = 1", []string{"1:1 warning ignored: Statement is left out: `SET SESSION` is of no use here: the settings of the session are fixed. Remove it to be rid of this warning."}},
		"schema, setting of MariaDB":                  {source.LayerSchema, "/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */", []string{"1:1 warning ignored: Statement is left out: `SET` is of no use here: the settings of the session are fixed. Remove it to be rid of this warning."}},
		"schema, other setting":                       {source.LayerSchema, "SET max_sort_length = 5", []string{"1:5 variable: Settings cannot be changed: `max_sort_length` is a setting of the session. The settings of the session are fixed, so that every tenant gets the same schema. Leave the statement out."}},
		"schema, global setting":                      {source.LayerSchema, "SET GLOBAL max_connections = 5", []string{"1:5 variable: Settings cannot be changed: `max_connections` is a setting of the whole server. Run it by hand, outside of Terraform, if it is needed."}},
		"schema, global setting by sign":              {source.LayerSchema, "SET @@GLOBAL.max_connections = 5, @@persist.x = 1", []string{"1:5 variable: Settings cannot be changed: `max_connections` is a setting of the whole server. Run it by hand, outside of Terraform, if it is needed.", "1:35 variable: Settings cannot be changed: `x` is a setting of the whole server. Run it by hand, outside of Terraform, if it is needed."}},
		"schema, gtid of a dump":                      {source.LayerSchema, "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ ''", []string{"1:1 warning ignored: Statement is left out: `SET` is of no use here: the settings of the session are fixed. Remove it to be rid of this warning."}},
		"schema, lock":                                {source.LayerSchema, "LOCK TABLES users WRITE", []string{"1:1 warning ignored: Statement is left out: `LOCK TABLES` is of no use here: nobody else works in the database. Remove it to be rid of this warning."}},
		"schema, unlock":                              {source.LayerSchema, "UNLOCK TABLES", []string{"1:1 warning ignored: Statement is left out: `UNLOCK TABLES` is of no use here: no table is locked. Remove it to be rid of this warning."}},
		"schema, transaction":                         {source.LayerSchema, "START TRANSACTION", []string{"1:1 warning ignored: Statement is left out: `START TRANSACTION` is of no use here: the provider decides what is one transaction. Remove it to be rid of this warning."}},
		"schema, begin":                               {source.LayerSchema, "BEGIN", []string{"1:1 warning ignored: Statement is left out: `BEGIN` is of no use here: the provider decides what is one transaction. Remove it to be rid of this warning."}},
		"schema, commit":                              {source.LayerSchema, "COMMIT", []string{"1:1 warning ignored: Statement is left out: `COMMIT` is of no use here: the provider decides what is one transaction. Remove it to be rid of this warning."}},
		"schema, keys":                                {source.LayerSchema, "/*!40000 ALTER TABLE users DISABLE KEYS */", []string{"1:1 warning ignored: Statement is left out: `ALTER TABLE` is of no use here: the tables are empty. Remove it to be rid of this warning."}},
		"schema, use":                                 {source.LayerSchema, "USE shop", []string{"1:1 database: Another database is named: `USE` selects another database. Everything runs in the tenant's own database. Leave the statement out."}},
		"schema, create database":                     {source.LayerSchema, "CREATE DATABASE IF NOT EXISTS shop", []string{"1:1 database: Another database is named: `CREATE DATABASE` makes another database. The tenant's database is made by the provider. Leave the statement out."}},
		"schema, drop schema":                         {source.LayerSchema, "DROP SCHEMA shop", []string{"1:1 database: Another database is named: `DROP SCHEMA` drops a whole database. Leave the statement out."}},
		"schema, grant":                               {source.LayerSchema, "GRANT SELECT ON users TO bob", []string{"1:1 account: Accounts are no part of a schema: `GRANT` changes accounts. The accounts of a server are looked after elsewhere. Leave the statement out."}},
		"schema, create user":                         {source.LayerSchema, "CREATE USER bob", []string{"1:1 account: Accounts are no part of a schema: `CREATE USER` makes an account. The accounts of a server are looked after elsewhere. Leave the statement out."}},
		"schema, password":                            {source.LayerSchema, "SET PASSWORD = 'x'", []string{"1:1 account: Accounts are no part of a schema: `SET PASSWORD` changes an account. The accounts of a server are looked after elsewhere. Leave the statement out."}},
		"schema, rename":                              {source.LayerSchema, "RENAME TABLE a TO b", []string{"1:1 statement: Statement has no place in this layer: `RENAME` changes what an earlier version made. Write it into a file in `migrations/`, and the new name here."}},
		"schema, truncate":                            {source.LayerSchema, "TRUNCATE users", []string{"1:1 statement: Statement has no place in this layer: `TRUNCATE` destroys rows. A new database has none. Leave the statement out."}},
		"schema, load":                                {source.LayerSchema, "LOAD DATA INFILE '/x' INTO TABLE users", []string{"1:1 statement: Statement has no place in this layer: `LOAD` reads a file of the server or of the machine that runs Terraform. Write the rows as `INSERT` statements in a seed."}},
		"schema, call":                                {source.LayerSchema, "CALL p()", []string{"1:1 statement: Statement has no place in this layer: `CALL` runs a routine, whose effect cannot be seen beforehand. Write the statements themselves."}},
		"schema, prepare":                             {source.LayerSchema, "PREPARE s FROM 'SELECT 1'", []string{"1:1 dynamic_sql: SQL that cannot be seen beforehand: `PREPARE` makes SQL of a text that nobody can check beforehand. Write the statement itself."}},
		"schema, execute immediate":                   {source.LayerSchema, "EXECUTE IMMEDIATE 'SELECT 1'", []string{"1:1 dynamic_sql: SQL that cannot be seen beforehand: `EXECUTE` runs SQL of a text that nobody can check beforehand. Write the statement itself."}},
		"schema, handler":                             {source.LayerSchema, "HANDLER users OPEN", []string{"1:1 statement: Statement has no place in this layer: `HANDLER` reads a table past the rules of transactions. Use `SELECT`."}},
		"schema, kill":                                {source.LayerSchema, "KILL 5", []string{"1:1 statement: Statement has no place in this layer: `KILL` ends the work of others. Run it by hand, outside of Terraform, if it is needed."}},
		"schema, flush":                               {source.LayerSchema, "FLUSH TABLES", []string{"1:1 statement: Statement has no place in this layer: `FLUSH` stops the whole server for a moment. Run it by hand, outside of Terraform, if it is needed."}},
		"schema, insert":                              {source.LayerSchema, "INSERT INTO users VALUES (1)", []string{"1:1 statement: Statement has no place in this layer: `INSERT` adds rows. Move it to a file in `seeds/`."}},
		"schema, source":                              {source.LayerSchema, "SOURCE x.sql", []string{"1:1 statement: Statement has no place in this layer: `SOURCE` is a command of the mysql client. Put the content of the file here."}},
		"schema, unknown":                             {source.LayerSchema, "FROBNICATE users", []string{"1:1 statement: Statement has no place in this layer: `FROBNICATE` cannot stand in the schema layer, which takes `CREATE`, `ALTER` and `DROP`."}},
		"schema, no word":                             {source.LayerSchema, "(SELECT 1)", []string{"1:1 statement: Statement has no place in this layer: This does not begin with the name of a statement. Remove it."}},
		"schema, tablespace":                          {source.LayerSchema, "CREATE TABLESPACE ts ADD DATAFILE 'x.ibd'", []string{"1:1 statement: Statement has no place in this layer: `CREATE TABLESPACE` is about the server, not about a tenant's database. Leave the statement out."}},
		"schema, or replace view":                     {source.LayerSchema, "CREATE OR REPLACE VIEW v AS SELECT 1", []string{"1:1 replace: CREATE OR REPLACE is not allowed: View `v` would replace whatever is there. Write `CREATE` alone: the provider computes what has to change."}},
		"schema, temporary":                           {source.LayerSchema, "CREATE TEMPORARY TABLE t (id INT)", []string{"1:1 temporary: Temporary table cannot be kept: Table `t` would end with the session that makes it. Write `CREATE TABLE`."}},
		"customization, made like":                    {source.LayerCustomization, "CREATE TABLE t LIKE u", []string{"1:16 table_copy: Table is made like another one: `CREATE TABLE t` takes its columns from another table, so that its schema cannot be known beforehand. Write its columns."}},
		"customization, made like in parentheses":     {source.LayerCustomization, "CREATE TABLE t (LIKE u)", []string{"1:16 table_copy: Table is made like another one: `CREATE TABLE t` takes its columns from another table, so that its schema cannot be known beforehand. Write its columns."}},
		"customization, made as query":                {source.LayerCustomization, "CREATE TABLE t (id INT) AS SELECT 1 AS id", []string{"1:28 table_copy: Table is made of a query: `CREATE TABLE t` takes its columns from a query, so that its schema cannot be known beforehand. Write its columns."}},
		"customization, made as query in parentheses": {source.LayerCustomization, "CREATE TABLE t (SELECT 1)", []string{"1:17 table_copy: Table is made of a query: `CREATE TABLE t` takes its columns from a query, so that its schema cannot be known beforehand. Write its columns."}},
		"schema, comment of one server":               {source.LayerSchema, "CREATE TABLE t (id INT /*!80023 INVISIBLE */)", []string{"1:24 comment: Comment that only some servers execute: What stands in `/*!80023 … */` is executed by some servers and skipped by others. Write it without the comment, or remove it."}},
		"schema, comment without version":             {source.LayerSchema, "CREATE TABLE t (id INT /*! UNSIGNED */)", []string{"1:24 comment: Comment that only some servers execute: What stands in `/*! … */` is executed by some servers and skipped by others. Write it without the comment, or remove it."}},
		"schema, six digits":                          {source.LayerSchema, "CREATE TABLE t (id INT /*!050100 UNSIGNED */)", []string{"1:24 comment: Comment that only some servers execute: What stands in `/*!050100 … */` is executed by some servers and skipped by others. Write it without the comment, or remove it."}},
		"schema, of MariaDB":                          {source.LayerSchema, "CREATE TABLE t (id INT /*M!50100 COMPRESSED */)", []string{"1:24 comment: Comment that only some servers execute: What stands in `/*M!50100 … */` is executed by some servers and skipped by others. Write it without the comment, or remove it."}},
		"schema, comment in a string":                 {source.LayerSchema, "CREATE TABLE t (id INT COMMENT '/*!99999 x */ /*+ y */')", nil},
		"schema, unwrapped":                           {source.LayerSchema, "CREATE TABLE t (id INT /*!40100 UNSIGNED */)", nil},
		"schema, unwrapped harm":                      {source.LayerSchema, "CREATE TABLE t (id INT) /*!50100 DATA DIRECTORY='/x' */", []string{"1:34 option: Clause is not allowed: `DATA DIRECTORY` puts the table outside of its database. Leave the option out."}},
		"schema, hint":                                {source.LayerSchema, "CREATE VIEW v AS SELECT /*+ NO_ICP(t) */ a FROM t", []string{"1:25 hint: Optimizer hint is not allowed: `/*+ … */` changes how a statement runs, up to settings of the session. Remove it."}},
		"schema, definer":                             {source.LayerSchema, "CREATE DEFINER=`root`@`localhost` VIEW v AS SELECT 1", []string{"1:8 account: Accounts are no part of a schema: `DEFINER =` names an account, which another server may not have. Leave it out: whoever applies becomes the definer."}},
		"schema, current user":                        {source.LayerSchema, "CREATE DEFINER=CURRENT_USER VIEW v AS SELECT 1", nil},
		"schema, directory":                           {source.LayerSchema, "CREATE TABLE t (id INT) DATA DIRECTORY = '/x'", []string{"1:25 option: Clause is not allowed: `DATA DIRECTORY` puts the table outside of its database. Leave the option out."}},
		"schema, tablespace option":                   {source.LayerSchema, "CREATE TABLE t (id INT) TABLESPACE = ts", []string{"1:25 option: Clause is not allowed: `TABLESPACE` puts the table into a file that is not the tenant's. Leave the option out."}},
		"schema, column called tablespace":            {source.LayerSchema, "CREATE TABLE t (tablespace INT, connection INT, engine VARCHAR(9), discard INT, CHECK (engine = 'x'))", nil},
		"schema, added column called so":              {source.LayerSchema, "ALTER TABLE t ADD tablespace INT, ADD COLUMN connection INT, CHANGE a import INT, DROP discard", nil},
		"schema, engine":                              {source.LayerSchema, "CREATE TABLE t (id INT) ENGINE=MyISAM", nil},
		"schema, remote engine":                       {source.LayerSchema, "CREATE TABLE t (id INT) ENGINE FEDERATED CONNECTION='mysql://u@h/d'", []string{"1:25 option: Clause is not allowed: `ENGINE=FEDERATED` is not known to keep the rows in the tenant's database. Use InnoDB.", "1:42 option: Clause is not allowed: `CONNECTION` connects the table to another server. Leave the option out."}},
		"schema, merge":                               {source.LayerSchema, "CREATE TABLE t (id INT) UNION=(a, b)", []string{"1:25 option: Clause is not allowed: `UNION =` makes one table of others, of any database. Use a view."}},
		"schema, get_lock":                            {source.LayerSchema, "CREATE PROCEDURE p() SELECT GET_LOCK('a', 1)", []string{"1:29 function: Function is not allowed: `GET_LOCK()` takes or releases locks that count for the whole server; the provider's own is one of them. Remove the call."}},
		"schema, sleep":                               {source.LayerSchema, "CREATE PROCEDURE p() DO SLEEP(1)", []string{"1:25 function: Function is not allowed: `SLEEP()` keeps the server busy for nothing. Remove the call."}},
		"schema, dynamic in a body":                   {source.LayerSchema, "CREATE PROCEDURE p() BEGIN PREPARE s FROM 'SELECT 1'; EXECUTE s; DEALLOCATE PREPARE s; END", []string{"1:28 dynamic_sql: SQL that cannot be seen beforehand: `PREPARE` makes SQL of a text that nobody can check beforehand. Write the statement itself.", "1:55 dynamic_sql: SQL that cannot be seen beforehand: `EXECUTE` runs SQL of a text that nobody can check beforehand. Write the statement itself.", "1:66 dynamic_sql: SQL that cannot be seen beforehand: `DEALLOCATE` belongs to SQL of a text that nobody can check beforehand. Write the statement itself."}},
		"schema, settings in a body":                  {source.LayerSchema, "CREATE PROCEDURE p() BEGIN DECLARE x INT; SET x = 1, @y = 2, SESSION sql_mode = ''; SET GLOBAL a = 1; SET max_sort_length = 5; END", []string{"1:89 variable: Settings cannot be changed: `a` is a setting of the whole server. Run it by hand, outside of Terraform, if it is needed."}},
		"schema, language":                            {source.LayerSchema, "CREATE PROCEDURE p(language INT) LANGUAGE JAVASCRIPT AS 'x'", []string{"1:34 statement: Statement has no place in this layer: A routine in another language than SQL cannot be checked beforehand. Write it in SQL."}},
		"schema, language SQL":                        {source.LayerSchema, "CREATE FUNCTION language(language INT) RETURNS INT LANGUAGE SQL NO SQL RETURN language", nil},
		"schema, use in a body":                       {source.LayerSchema, "CREATE PROCEDURE p() BEGIN IF 1 THEN USE shop; END IF; END", []string{"1:38 database: Another database is named: `USE` selects another database. Everything runs in the tenant's own database. Leave the statement out."}},
		"schema, soname":                              {source.LayerSchema, "CREATE FUNCTION f RETURNS INT SONAME 'x.so'", []string{"1:31 option: Clause is not allowed: `SONAME` loads code into the server. Leave the statement out."}},
		"schema, blank name":                          {source.LayerSchema, "CREATE TABLE `t ` (id INT)", []string{"1:14 identifier: Name ends with a blank: `t ` ends with a blank, which servers drop or refuse. Remove the blank."}},
		"schema, wide name":                           {source.LayerSchema, "CREATE TABLE `t😀` (id INT COMMENT '😀')", []string{"1:14 identifier: Name with a character servers change: `t😀` holds a character beyond U+FFFF: MySQL stores `?` for it, MariaDB refuses it. Use another character."}},
		"schema, number that MySQL reads over":        {source.LayerSchema, "CREATE PROCEDURE p() SELECT SLEEP 1.e(9)", []string{"1:29 function: Function is not allowed: `SLEEP()` keeps the server busy for nothing. Remove the call.", "1:35 identifier: Number is not complete: `1.e` begins a number whose exponent has no digits: MySQL reads over it, MariaDB refuses the statement. Write the number in full, or remove it."}},
		"seed, rows":                                  {source.LayerSeed, "INSERT INTO users (id) VALUES (1)", nil},
		"seed, user variable":                         {source.LayerSeed, "SET @a = (SELECT MAX(id) FROM users)", nil},
		"seed, into variable":                         {source.LayerSeed, "SELECT id INTO @a FROM users", nil},
		"seed, table":                                 {source.LayerSeed, "CREATE TABLE t (id INT)", []string{"1:1 statement: Statement has no place in this layer: `CREATE` changes the schema. Move it to a file in `core/` or `optional/`."}},
		"seed, names":                                 {source.LayerSeed, "SET NAMES utf8", []string{"1:1 warning ignored: Statement is left out: `SET NAMES` is of no use here: the settings of the session are fixed. Remove it to be rid of this warning."}},
		"seed, mode":                                  {source.LayerSeed, "SET sql_mode = ''", []string{"1:1 warning ignored: Statement is left out: `SET SQL_MODE` is of no use here: the settings of the session are fixed. Remove it to be rid of this warning."}},
		"seed, truncate":                              {source.LayerSeed, "TRUNCATE users", []string{"1:1 statement: Statement has no place in this layer: `TRUNCATE` destroys rows. A new database has none. Leave the statement out."}},
		"seed, hint":                                  {source.LayerSeed, "INSERT /*+ SET_VAR(sql_mode='') */ INTO t VALUES (1)", []string{"1:8 hint: Optimizer hint is not allowed: `/*+ … */` changes how a statement runs, up to settings of the session. Remove it."}},
		"seed, outfile":                               {source.LayerSeed, "SELECT 1 INTO OUTFILE '/x'", []string{"1:10 option: Clause is not allowed: `INTO OUTFILE` writes a file on the server. Leave the statement out."}},
		"seed, lock function":                         {source.LayerSeed, "INSERT INTO t SELECT `get_lock` ('a', 1)", []string{"1:22 function: Function is not allowed: `GET_LOCK()` takes or releases locks that count for the whole server; the provider's own is one of them. Remove the call."}},
		"migration, rename":                           {source.LayerMigration, "RENAME TABLE a TO b", nil},
		"migration, backfill":                         {source.LayerMigration, "UPDATE users SET name = '' WHERE name IS NULL", nil},
		"migration, call":                             {source.LayerMigration, "CALL p()", []string{"1:1 statement: Statement has no place in this layer: `CALL` runs a routine, whose effect cannot be seen beforehand. Write the statements themselves."}},
		"migration, copy":                             {source.LayerMigration, "CREATE TABLE a_copy LIKE a", nil},
		"customization, set":                          {source.LayerCustomization, "SET @a = 1", []string{"1:5 variable: Settings cannot be changed: `@a` keeps a value in the session, which is of no use here. Leave the statement out."}},
		"customization, begin":                        {source.LayerCustomization, "BEGIN", []string{"1:1 statement: Statement has no place in this layer: `BEGIN` cannot stand in the customization layer, which takes `CREATE`, `ALTER`, `DROP`, `RENAME`, `TRUNCATE`, `INSERT`, `REPLACE`, `UPDATE`, `DELETE`, `SELECT` and `WITH`."}},
		"customization, lock":                         {source.LayerCustomization, "LOCK TABLES a READ", []string{"1:1 statement: Statement has no place in this layer: `LOCK` makes others wait. Leave the statement out."}},
		"customization, call":                         {source.LayerCustomization, "CALL p()", []string{"1:1 statement: Statement has no place in this layer: `CALL` runs a routine, whose effect cannot be seen beforehand. Write the statements themselves."}},
		"customization, schedule":                     {source.LayerCustomization, "CREATE EVENT ext_e ON SCHEDULE EVERY @n DAY DO DELETE FROM ext_notes", []string{"1:38 option: Clause is not allowed: `@n` stands in the schedule of event `ext_e`, which is computed with the rights of whoever applies. Write moments and intervals: values, `CURRENT_TIMESTAMP`, and functions that compute with dates."}},
		"customization, engine":                       {source.LayerCustomization, "CREATE TABLE t (id INT) ENGINE=MEMORY", []string{"1:25 option: Clause is not allowed: `ENGINE=MEMORY` keeps rows without transactions, or not at all. Use InnoDB."}},
		"customization, engine of a partition":        {source.LayerCustomization, "CREATE TABLE t (id INT) PARTITION BY HASH (id) (PARTITION p0 ENGINE = MyISAM)", []string{"1:62 option: Clause is not allowed: `ENGINE=MyISAM` keeps rows without transactions, or not at all. Use InnoDB."}},
		"customization, invoker":                      {source.LayerCustomization, "CREATE PROCEDURE p() SQL SECURITY INVOKER SELECT 1", []string{"1:22 option: Clause is not allowed: `SQL SECURITY INVOKER` runs with the rights of whoever calls it, an administrator's too. Leave it out: the routine then runs with the tenant's rights."}},
		"customization, invoker view":                 {source.LayerCustomization, "CREATE SQL SECURITY INVOKER VIEW v AS SELECT a FROM t", nil},
		"customization, current user":                 {source.LayerCustomization, "CREATE DEFINER=CURRENT_USER PROCEDURE p() SELECT 1", []string{"1:8 account: Accounts are no part of a schema: `DEFINER =` names an account, which another server may not have. Leave it out: whoever applies becomes the definer."}},
		"schema, setting of the server in pieces":     {source.LayerSchema, "CREATE PROCEDURE p() BEGIN IF CASE WHEN 1 THEN {d '2020-01-01'} END THEN SET @@global.`max_connections` = 1; END IF; END", []string{"1:78 variable: Settings cannot be changed: `max_connections` is a setting of the whole server. Run it by hand, outside of Terraform, if it is needed."}},
		"schema, plan of another session":             {source.LayerSchema, "CREATE PROCEDURE p() BEGIN IF 1 THEN DESC FOR CONNECTION 5; END IF; END", []string{"1:43 statement: Statement has no place in this layer: `FOR CONNECTION` tells of other sessions or databases. Leave the statement out."}},
		"schema, cache of keys":                       {source.LayerSchema, "CREATE PROCEDURE p() CACHE INDEX notes IN hot", []string{"1:22 statement: Statement has no place in this layer: `CACHE INDEX` changes the caches of the whole server. Run it by hand, outside of Terraform, if it is needed."}},
		"customization, size of a table":              {source.LayerCustomization, "CREATE TABLE t (id INT) AUTOEXTEND_SIZE = 4G", []string{"1:25 option: Clause is not allowed: `AUTOEXTEND_SIZE` takes up to 4 GB of the disk for each partition, empty or not. Leave the option out."}},
		"migration, optimize":                         {source.LayerMigration, "OPTIMIZE TABLE users", []string{"1:1 warning ignored: Statement is left out: `OPTIMIZE TABLE` changes no row and nothing of the structure. Remove it to be rid of this warning."}},
		"migration, analyze":                          {source.LayerMigration, "ANALYZE TABLE users", []string{"1:1 warning ignored: Statement is left out: `ANALYZE TABLE` changes no row and nothing of the structure. Remove it to be rid of this warning."}},
		"migration, truncate":                         {source.LayerMigration, "TRUNCATE TABLE cache", []string{"1:1 statement: Statement has no place in this layer: `TRUNCATE` empties a table past its triggers, and for good. Write `DELETE FROM` and the name of the table."}},
		"migration, block":                            {source.LayerMigration, "BEGIN DELETE FROM notes", []string{"1:1 statement: Statement has no place in this layer: `BEGIN` cannot stand in the migration layer, which takes `CREATE`, `ALTER`, `DROP`, `RENAME`, `INSERT`, `REPLACE`, `UPDATE`, `DELETE`, `SELECT`, `WITH` and `SET`."}},
		"customization, settings in a body":           {source.LayerCustomization, "CREATE PROCEDURE p(IN a INT, OUT b INT) BEGIN DECLARE x, y INT; SET a = 1, b = 2, x = y, @z = 3; SET sql_log_bin = 0; SET SESSION x = 1; SET @@foreign_key_checks = 0; END", []string{"1:102 variable: Settings cannot be changed: `sql_log_bin` decides what the server logs, and what its replicas get. Leave the statement out.", "1:123 variable: Settings cannot be changed: `x` is a setting of the session. The settings of the session are fixed, so that every tenant gets the same schema. Leave the statement out.", "1:142 variable: Settings cannot be changed: `foreign_key_checks` is a setting of the session. The settings of the session are fixed, so that every tenant gets the same schema. Leave the statement out."}},
		"customization, field":                        {source.LayerCustomization, "CREATE TRIGGER t BEFORE INSERT ON u FOR EACH ROW SET NEW.a = 1", nil},
		"customization, statement in a body":          {source.LayerCustomization, "CREATE PROCEDURE p() BEGIN DROP TABLE core_users; CREATE TABLE x (id INT); FLUSH TABLES; END", []string{"1:28 statement: Statement cannot stand in a body: `DROP` is not allowed in the body of a customization's routine. Remove it.", "1:51 statement: Statement cannot stand in a body: `CREATE` is not allowed in the body of a customization's routine. Remove it.", "1:76 statement: Statement has no place in this layer: `FLUSH` stops the whole server for a moment. Run it by hand, outside of Terraform, if it is needed."}},
		"customization, endless":                      {source.LayerCustomization, "CREATE PROCEDURE p() BEGIN WHILE 1 DO DO 1; END WHILE; END", []string{"1:28 loop: Loop never ends: Nothing ends this `WHILE`. Give it a condition, or a `LEAVE`."}},
		"customization, endless loop":                 {source.LayerCustomization, "CREATE PROCEDURE p() BEGIN LOOP SET @a = 1; END LOOP; END", []string{"1:28 loop: Loop never ends: Nothing ends this `LOOP`. Give it a condition, or a `LEAVE`."}},
		"customization, endless repeat":               {source.LayerCustomization, "CREATE PROCEDURE p() BEGIN REPEAT SET @a = 1; UNTIL FALSE END REPEAT; END", []string{"1:28 loop: Loop never ends: Nothing ends this `REPEAT`. Give it a condition, or a `LEAVE`."}},
		"customization, loop that ends":               {source.LayerCustomization, "CREATE PROCEDURE p() BEGIN l: LOOP LEAVE l; END LOOP; END", nil},
		"customization, sleep":                        {source.LayerCustomization, "SELECT SLEEP(10)", []string{"1:8 function: Function is not allowed: `SLEEP()` keeps the server busy for nothing. Remove the call."}},
		"customization, quoted function":              {source.LayerCustomization, "SELECT `benchmark`(1, 2)", []string{"1:8 function: Function is not allowed: `BENCHMARK()` keeps the server busy for nothing. Remove the call."}},
		"customization, load_file":                    {source.LayerCustomization, "INSERT INTO t SELECT LOAD_FILE('/x')", []string{"1:22 function: Function is not allowed: `LOAD_FILE()` reads a file of the server. Remove the call."}},
		"customization, column called sleep":          {source.LayerCustomization, "SELECT sleep, t.sleep FROM t", nil},
		"customization, xa":                           {source.LayerCustomization, "XA START 'x'", []string{"1:1 statement: Statement has no place in this layer: `XA` leaves transactions behind that outlive the session. Leave the statement out."}},
		"schema, column called definer":               {source.LayerSchema, "CREATE VIEW v AS SELECT a FROM t WHERE definer = 'x'", nil},
		"schema, statement as a body":                 {source.LayerSchema, "CREATE PROCEDURE p() COMMENT 'x' KILL 5", []string{"1:34 statement: Statement has no place in this layer: `KILL` ends the work of others. Run it by hand, outside of Terraform, if it is needed."}},
		"customization, statement as a body":          {source.LayerCustomization, "CREATE PROCEDURE p() READS SQL DATA FLUSH TABLES", []string{"1:37 statement: Statement has no place in this layer: `FLUSH` stops the whole server for a moment. Run it by hand, outside of Terraform, if it is needed."}},
		"customization, table statement as a body":    {source.LayerCustomization, "CREATE FUNCTION f() RETURNS VARCHAR(9) CHARSET utf8mb4 COLLATE utf8mb4_bin DETERMINISTIC OPTIMIZE TABLE t", []string{"1:90 statement: Statement cannot stand in a body: `OPTIMIZE` is not allowed in the body of a customization's routine. Remove it."}},
		"customization, function":                     {source.LayerCustomization, "CREATE FUNCTION f(a INT) RETURNS DOUBLE PRECISION NOT DETERMINISTIC NO SQL SQL SECURITY DEFINER RETURN a + 1", nil},
		"customization, function of a set":            {source.LayerCustomization, "CREATE FUNCTION f() RETURNS SET('a', 'b') CHARACTER SET utf8mb4 RETURN 'a'", nil},
		"customization, endless comparison":           {source.LayerCustomization, "CREATE PROCEDURE p() BEGIN WHILE 1 = 1 AND NOT FALSE DO DO 1; END WHILE; END", []string{"1:28 loop: Loop never ends: Nothing ends this `WHILE`. Give it a condition, or a `LEAVE`."}},
		"customization, loop with a condition":        {source.LayerCustomization, "CREATE PROCEDURE p(a INT) BEGIN WHILE a > 0 DO SET a = a - 1; END WHILE; END", nil},
		"customization, partitions":                   {source.LayerCustomization, "CREATE TABLE t (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 8000", []string{"1:60 option: Clause is not allowed: `PARTITIONS 8000` makes more files than a tenant may have. At most 512 are allowed."}},
		"customization, few partitions":               {source.LayerCustomization, "CREATE TABLE t (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 8", nil},
		"customization, as many partitions as may be": {source.LayerCustomization, "CREATE TABLE t (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 512", nil},
		"customization, engine of a later partition":  {source.LayerCustomization, "CREATE TABLE t (id INT) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (5), PARTITION b VALUES LESS THAN (9) ENGINE = MyISAM)", []string{"1:117 option: Clause is not allowed: `ENGINE=MyISAM` keeps rows without transactions, or not at all. Use InnoDB."}},
		"customization, a column named engine":        {source.LayerCustomization, "ALTER TABLE t CHANGE COLUMN a ENGINE INT", nil},
		"customization, no engine":                    {source.LayerCustomization, "ALTER TABLE t ENGINE =", []string{"1:22 syntax: SQL syntax error: `=` is not understood here, in `ALTER TABLE t`."}},
		"customization, no number of partitions":      {source.LayerCustomization, "ALTER TABLE t PARTITION BY HASH (id) PARTITIONS", []string{"1:48 syntax: SQL syntax error: The statement ends too early: `ALTER TABLE t`."}},
		"schema, remote engine of a sequence":         {source.LayerSchema, "CREATE SEQUENCE s ENGINE = FEDERATED", []string{"1:19 option: Clause is not allowed: `ENGINE=FEDERATED` is not known to keep the rows in the tenant's database. Use InnoDB."}},
		"customization, package":                      {source.LayerCustomization, "CREATE PACKAGE p AS PROCEDURE q(); END", []string{"1:1 statement: Statement has no place in this layer: `CREATE PACKAGE` cannot stand in a customization. Write its routines one by one."}},
		"customization, word as a column in a body":   {source.LayerCustomization, "CREATE PROCEDURE p() SELECT execute, flush AS f FROM t WHERE restart = 1 OR prepare IS NULL", nil},
		"customization, word as an alias in a body":   {source.LayerCustomization, "CREATE PROCEDURE p() SELECT id execute e FROM t", []string{"1:32 dynamic_sql: SQL that cannot be seen beforehand: `EXECUTE` runs SQL of a text that nobody can check beforehand. Write the statement itself. If it is a name here, write it in backquotes, or choose another one."}},
		"customization, drop where none begins":       {source.LayerCustomization, "CREATE PROCEDURE p() BEGIN IF CASE 1 WHEN `x` THEN end END THEN DROP TABLE t; END IF; END", []string{"1:65 statement: Statement cannot stand in a body: `DROP` is not allowed in the body of a customization's routine. Remove it."}},
		"customization, listed partitions":            {source.LayerCustomization, "CREATE TABLE t (id INT PRIMARY KEY) PARTITION BY RANGE (id) SUBPARTITION BY HASH (id) SUBPARTITIONS 400 (PARTITION a VALUES LESS THAN (1), PARTITION b VALUES LESS THAN (2))", []string{"1:87 option: Clause is not allowed: 800 partitions make more files than a tenant may have. At most 512 are allowed."}},
		"schema, table elsewhere in a body": {source.LayerSchema, "CREATE PROCEDURE p() BEGIN\n  IF 1 THEN CREATE TABLE a (id INT, connection INT) ENGINE = CONNECT DATA DIRECTORY '/x'; END IF; END", []string{
			"2:53 option: Clause is not allowed: `ENGINE=CONNECT` is not known to keep the rows in the tenant's database. Use InnoDB.",
			"2:70 option: Clause is not allowed: `DATA DIRECTORY` puts the table outside of its database. Leave the option out."}},
		"migration, table of its own in a body": {source.LayerMigration, "CREATE PROCEDURE p() BEGIN CREATE TABLE a (connection INT) ENGINE=MyISAM; SELECT connection = 1 FROM a; END", nil},
		"schema, another database shown":        {source.LayerSchema, "CREATE PROCEDURE p() SHOW TABLES FROM x", []string{"1:22 statement: Statement has no place in this layer: `SHOW TABLES` tells of other databases or of the server. Leave the statement out."}},
		"schema, password behind a comma":       {source.LayerSchema, "CREATE PROCEDURE p() SET @a = 1, PASSWORD FOR x = 'y'", []string{"1:34 account: Accounts are no part of a schema: `SET PASSWORD` is about accounts. The accounts of a server are looked after elsewhere. Leave the statement out."}},
		"schema, resource group":                {source.LayerSchema, "CREATE PROCEDURE p() SET RESOURCE GROUP x", []string{"1:22 variable: Settings cannot be changed: `SET RESOURCE GROUP` changes on which processors a session runs. Leave the statement out."}},
		"schema, name of a file":                {source.LayerSchema, "CREATE VIEW v AS SELECT 1 AS a FROM `#mysql50#x`", []string{"1:37 identifier: Name is that of a file: `#mysql50#x` names a file or a folder of the server: what stands behind `#mysql50#` is read as it is. Use the name itself."}},
		"schema, table of a transaction": {source.LayerSchema, "CREATE TABLE t (id INT, start INT, transaction INT) START TRANSACTION", []string{
			"1:53 syntax: SQL syntax error: `START` is not understood here, in `CREATE TABLE t`.", "1:53 option: Clause is not allowed: `START TRANSACTION` leaves the table in a transaction that only a replica ends. Leave the clause out."}},
		"customization, automatic partitions": {source.LayerCustomization, "CREATE TABLE t (id INT) WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME LIMIT 9 AUTO", []string{"1:81 option: Clause is not allowed: `AUTO` lets the server make one partition after the other. Leave it out, and list them."}},
		"schema, two dashes that meet":        {source.LayerSchema, "CREATE PROCEDURE p() SELECT 1 -/*!40000*/- 1", []string{"1:1 statement: Statement has no place in this layer: This is read in no certain way. Write it in a plainer way."}},
		"customization, drop tables":          {source.LayerCustomization, "DROP TABLES a, b", nil},
		"customization, table of a table":     {source.LayerCustomization, "CREATE TABLE t TABLE u", []string{"1:16 table_copy: Table is made of a query: `CREATE TABLE t` takes its columns from a query, so that its schema cannot be known beforehand. Write its columns."}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			statements, faults := source.Parse(tc.text, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
			for _, st := range statements {
				found := source.Guard(st, source.Rules{Layer: tc.layer})
				if source.Ignored(found) && (len(found) != 1 || source.HasErrors(found)) {
					t.Errorf("a statement that is left out has other faults: %v", found)
				}
				faults = append(faults, found...)
			}
			if diff := cmp.Diff(tc.want, faultLines(faults)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

// TestGuard_databases finds the names of other databases, wherever they stand,
// and takes no column, alias or record for one.
func TestGuard_databases(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text string
		want []string
	}{
		"from":                           {"SELECT a FROM shop.users", []string{"1:15 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"quoted":                         {"SELECT a FROM `shop` . `users`", []string{"1:15 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"double quotes":                  {"DELETE FROM \"shop\".\"users\"", []string{"1:13 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"comment between":                {"SELECT a FROM shop/**/./**/users", []string{"1:15 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"own":                            {"SELECT a FROM tenant_a.users", nil},
		"own of other case":              {"SELECT a FROM TENANT_A.users", []string{"1:15 `TENANT_A.users` names database `TENANT_A`. Everything has to stay in the tenant's own database: write `users`."}},
		"current":                        {"DELETE FROM .users", nil},
		"second of a list":               {"SELECT 1 FROM users, shop.users", []string{"1:22 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"second of a list with an alias": {"SELECT shop.a FROM users AS shop, shop.users", []string{"1:35 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"join":                           {"SELECT 1 FROM users u JOIN shop.users s ON u.id = s.id", []string{"1:28 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"join in parentheses":            {"SELECT 1 FROM (users u CROSS JOIN shop.users s)", []string{"1:35 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"list after a join":              {"SELECT 1 FROM users u JOIN t ON u.id = t.id, shop.users AS shop", []string{"1:46 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"list after an index hint":       {"SELECT 1 FROM users AS shop USE INDEX FOR ORDER BY (i), shop.users", []string{"1:57 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"list after a hint for joins":    {"SELECT 1 FROM users AS shop USE INDEX FOR JOIN (i), shop.users", []string{"1:53 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"list after a partition":         {"SELECT 1 FROM users PARTITION (p0) AS shop, shop.users", []string{"1:45 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"odbc":                           {"SELECT 1 FROM {OJ shop.users LEFT JOIN users AS shop ON 1}", []string{"1:19 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"derived":                        {"SELECT 1 FROM (SELECT a FROM shop.users) AS shop", []string{"1:30 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"subquery":                       {"UPDATE users SET a = (SELECT MAX(a) FROM shop.users)", []string{"1:42 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"straight join":                  {"SELECT 1 FROM users AS shop STRAIGHT_JOIN shop.users", []string{"1:43 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"straight join as a modifier":    {"SELECT STRAIGHT_JOIN u.a FROM users u", nil},
		"union":                          {"SELECT 1 UNION ALL (SELECT a FROM shop.users)", []string{"1:35 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"table statement":                {"SELECT 1 UNION TABLE shop.users", []string{"1:22 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"with":                           {"WITH c AS (SELECT a FROM users) SELECT c.a FROM c", nil},
		"with recursive":                 {"WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT c.n + 1 FROM c) SELECT c.n FROM c", nil},
		"insert":                         {"INSERT INTO shop.users VALUES (1)", []string{"1:13 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"insert without into":            {"INSERT IGNORE shop.users VALUES (1)", []string{"1:15 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"replace":                        {"REPLACE shop.users VALUES (1)", []string{"1:9 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"replace function":               {"SELECT REPLACE(u.a, 'x', 'y') FROM users u", nil},
		"update two":                     {"UPDATE users AS shop, shop.users SET shop.a = 1", []string{"1:23 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"duplicate key":                  {"INSERT INTO users (a) VALUES (1) ON DUPLICATE KEY UPDATE users.a = VALUES(a)", nil},
		"new row":                        {"INSERT INTO users (a) VALUES (1) AS n ON DUPLICATE KEY UPDATE a = n.a", nil},
		"delete targets":                 {"DELETE shop.users FROM users AS shop", []string{"1:8 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"delete star":                    {"DELETE shop.users.* FROM users AS shop", []string{"1:8 `shop.users.*` names database `shop`. Everything has to stay in the tenant's own database: write `users.*`."}},
		"delete using":                   {"DELETE FROM users USING users INNER JOIN shop.users AS shop", []string{"1:42 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"delete alias":                   {"DELETE u.* FROM users u", nil},
		"alias as a database":            {"UPDATE users AS shop SET shop.a = 1 WHERE shop.id = 2", nil},
		"column with its table":          {"SELECT users.a, `users`.b FROM users", nil},
		"column of nothing":              {"SELECT shop.a FROM users", []string{"1:8 `shop.a` belongs to nothing that this statement names: `shop` is no table, alias or variable of it. If it is a database: everything has to stay in the tenant's own one."}},
		"three parts":                    {"SELECT shop.users.a FROM users", []string{"1:8 `shop.users.a` names database `shop`. Everything has to stay in the tenant's own database: write `users.a`."}},
		"three parts of a star":          {"SELECT shop.users.* FROM users AS shop", []string{"1:8 `shop.users.*` names database `shop`. Everything has to stay in the tenant's own database: write `users.*`."}},
		"own three parts":                {"SELECT tenant_a.users.a FROM users", nil},
		"function":                       {"SELECT shop.f(1)", []string{"1:8 `shop.f` names database `shop`. Everything has to stay in the tenant's own database: write `f`."}},
		"function in an expression":      {"SELECT 1 + shop . f (a) FROM users AS shop", []string{"1:12 `shop.f` names database `shop`. Everything has to stay in the tenant's own database: write `f`."}},
		"extract":                        {"SELECT EXTRACT(YEAR FROM u.at), TRIM(BOTH 'x' FROM u.a), SUBSTRING(u.a FROM 2) FROM users u", nil},
		"extract of a query":             {"SELECT TRIM(BOTH 'x' FROM (SELECT a FROM shop.users LIMIT 1)) FROM users AS shop", []string{"1:42 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"sequence":                       {"SELECT NEXTVAL(shop.s), 1 FROM users AS shop", []string{"1:16 `shop.s` names database `shop`. Everything has to stay in the tenant's own database: write `s`."}},
		"next value":                     {"INSERT INTO users VALUES (NEXT VALUE FOR shop.s)", []string{"1:42 `shop.s` names database `shop`. Everything has to stay in the tenant's own database: write `s`."}},
		"json table":                     {"SELECT j.n FROM JSON_TABLE('[1]', '$[*]' COLUMNS (n INT PATH '$.a')) AS j", nil},
		"lateral":                        {"SELECT x.m FROM users u, LATERAL (SELECT MAX(v.a) AS m FROM users v WHERE v.a = u.a) x", nil},
		"window":                         {"SELECT ROW_NUMBER() OVER (PARTITION BY u.a ORDER BY u.b) FROM users u", nil},
		"for update":                     {"SELECT u.a FROM users u WHERE u.a = 1 FOR UPDATE", nil},
		"create table":                   {"CREATE TABLE shop.t (id INT)", []string{"1:14 `shop.t` names database `shop`. Everything has to stay in the tenant's own database: write `t`."}},
		"create table if":                {"CREATE TABLE IF NOT EXISTS shop.t (id INT)", []string{"1:28 `shop.t` names database `shop`. Everything has to stay in the tenant's own database: write `t`."}},
		"foreign key":                    {"CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES shop.users (id))", []string{"1:51 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"column reference":               {"ALTER TABLE t ADD COLUMN b INT REFERENCES shop.users (id)", []string{"1:43 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"alter":                          {"ALTER TABLE shop.t ADD a INT", []string{"1:13 `shop.t` names database `shop`. Everything has to stay in the tenant's own database: write `t`."}},
		"rename by alter":                {"ALTER TABLE t RENAME TO shop.t", []string{"1:25 `shop.t` names database `shop`. Everything has to stay in the tenant's own database: write `t`."}},
		"rename as":                      {"ALTER TABLE t ADD a INT, RENAME AS shop.t", []string{"1:36 `shop.t` names database `shop`. Everything has to stay in the tenant's own database: write `t`."}},
		"rename column":                  {"ALTER TABLE t RENAME COLUMN a TO b", nil},
		"exchange":                       {"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE shop.t", []string{"1:47 `shop.t` names database `shop`. Everything has to stay in the tenant's own database: write `t`."}},
		"merge":                          {"CREATE TABLE t (id INT) UNION=(shop.a, shop.b)", []string{"1:32 `shop.a` names database `shop`. Everything has to stay in the tenant's own database: write `a`.", "1:40 `shop.b` names database `shop`. Everything has to stay in the tenant's own database: write `b`."}},
		"create index":                   {"CREATE INDEX i ON shop.t (a)", []string{"1:19 `shop.t` names database `shop`. Everything has to stay in the tenant's own database: write `t`."}},
		"drop index":                     {"DROP INDEX i ON shop.t", []string{"1:17 `shop.t` names database `shop`. Everything has to stay in the tenant's own database: write `t`."}},
		"drop table":                     {"DROP TABLE IF EXISTS t, shop.t", []string{"1:25 `shop.t` names database `shop`. Everything has to stay in the tenant's own database: write `t`."}},
		"drop view":                      {"DROP VIEW v, shop.v", []string{"1:14 `shop.v` names database `shop`. Everything has to stay in the tenant's own database: write `v`."}},
		"rename table":                   {"RENAME TABLE t TO shop.t", []string{"1:19 `shop.t` names database `shop`. Everything has to stay in the tenant's own database: write `t`."}},
		"rename chain":                   {"RENAME TABLE shop.t TO x, y TO shop.t", []string{"1:14 `shop.t` names database `shop`. Everything has to stay in the tenant's own database: write `t`.", "1:32 `shop.t` names database `shop`. Everything has to stay in the tenant's own database: write `t`."}},
		"truncate":                       {"TRUNCATE TABLE shop.t", []string{"1:16 `shop.t` names database `shop`. Everything has to stay in the tenant's own database: write `t`."}},
		"truncate short":                 {"TRUNCATE shop.t", []string{"1:10 `shop.t` names database `shop`. Everything has to stay in the tenant's own database: write `t`."}},
		"create view":                    {"CREATE VIEW shop.v AS SELECT 1 AS a", []string{"1:13 `shop.v` names database `shop`. Everything has to stay in the tenant's own database: write `v`."}},
		"view of another":                {"CREATE VIEW v AS SELECT a FROM shop.users", []string{"1:32 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"trigger elsewhere":              {"CREATE TRIGGER x BEFORE INSERT ON shop.t FOR EACH ROW SET @a = 1", []string{"1:35 `shop.t` names database `shop`. Everything has to stay in the tenant's own database: write `t`."}},
		"trigger named elsewhere":        {"CREATE TRIGGER shop.x BEFORE INSERT ON t FOR EACH ROW SET @a = 1", []string{"1:16 `shop.x` names database `shop`. Everything has to stay in the tenant's own database: write `x`."}},
		"trigger body":                   {"CREATE TRIGGER x BEFORE UPDATE ON t FOR EACH ROW BEGIN IF NEW.a <> OLD.a THEN UPDATE shop.users SET b = NEW.a; END IF; END", []string{"1:86 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"trigger fields":                 {"CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW INSERT INTO log (a) VALUES (NEW.a)", nil},
		"procedure":                      {"CREATE PROCEDURE shop.p() SELECT 1", []string{"1:18 `shop.p` names database `shop`. Everything has to stay in the tenant's own database: write `p`."}},
		"call in a body":                 {"CREATE PROCEDURE p() CALL shop.q()", []string{"1:27 `shop.q` names database `shop`. Everything has to stay in the tenant's own database: write `q`."}},
		"event":                          {"CREATE EVENT shop.e ON SCHEDULE EVERY 1 DAY DO SELECT 1", []string{"1:14 `shop.e` names database `shop`. Everything has to stay in the tenant's own database: write `e`."}},
		"record":                         {"CREATE PROCEDURE p() BEGIN FOR r IN (SELECT a FROM users) DO INSERT INTO t VALUES (r.a); END FOR; END", nil},
		"row variable":                   {"CREATE PROCEDURE p() BEGIN DECLARE r ROW TYPE OF users; SELECT a INTO r.a FROM users; END", nil},
		"row of another":                 {"CREATE PROCEDURE p() BEGIN DECLARE r ROW TYPE OF shop.users; END", []string{"1:50 `shop.users` names database `shop`. Everything has to stay in the tenant's own database: write `users`."}},
		"type of a column":               {"CREATE PROCEDURE p() BEGIN DECLARE r TYPE OF users.a; END", nil},
		"type of another":                {"CREATE PROCEDURE p() BEGIN DECLARE r TYPE OF shop.users.a; END", []string{"1:46 `shop.users.a` names database `shop`. Everything has to stay in the tenant's own database: write `users.a`."}},
		"cursor":                         {"CREATE PROCEDURE p() BEGIN DECLARE c CURSOR FOR SELECT u.a FROM users u; OPEN c; FETCH c INTO @a; END", nil},
		"information schema":             {"SELECT COUNT(*) FROM information_schema.columns", []string{"1:22 `information_schema.columns` is about the whole server, other tenants included. Everything has to stay in the tenant's own database: leave it out."}},
		"account":                        {"CREATE DEFINER='a.b'@'c.d' VIEW v AS SELECT 1 AS a", nil},
		"number":                         {"SELECT 1.5, .5, 1., u.a FROM users u", nil},
		"current in quotes":              {"SELECT a FROM .`users`, .`roles`", nil},
		"system tables":                  {"SELECT user FROM mysql.user", []string{"1:18 `mysql.user` is about the whole server, other tenants included. Everything has to stay in the tenant's own database: leave it out."}},
		"truncate function":              {"SELECT TRUNCATE(u.a, 2) FROM users u", nil},
		"column called from":             {"SELECT u.from, u.table FROM users u", nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			statements, err := source.Split(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, st := range statements {
				for _, f := range source.Guard(st, source.Rules{Layer: source.LayerCustomization, Databases: []string{"tenant_a"}}) {
					if f.Code == source.CodeDatabase {
						got = append(got, f.Position.String()+" "+f.Detail)
					}
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("databases (-want +got):\n%s", diff)
			}
		})
	}
}

package source

import (
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// Layer is where a statement stands, which decides what it may do.
type Layer string

// The layers.
const (
	// LayerSchema is the core and the optional modules of a template.
	LayerSchema Layer = "schema"
	// LayerSeed is the rows of a template.
	LayerSeed Layer = "seed"
	// LayerMigration is the explicit steps between two versions.
	LayerMigration Layer = "migration"
	// LayerCustomization is what a tenant adds. It is not trusted.
	LayerCustomization Layer = "customization"
)

// Rules are what Guard judges a statement by.
type Rules struct {
	Layer Layer
	// Databases are the names by which a statement may call the database it
	// runs in; they count before those of Server.Others. Names are compared with case. Empty: no qualified name at all, as in a template, which runs
	// in many databases.
	Databases []string
}

// Codes of the faults that Guard finds, beside CodeIgnored and CodeDatabase.
const (
	CodeStatement  Code = "statement"   // has no place in the layer
	CodeComment    Code = "comment"     // a comment that some servers execute
	CodeHint       Code = "hint"        // an optimizer hint
	CodeFunction   Code = "function"    // a function that reaches out of the database
	CodeOption     Code = "option"      // a clause that reaches out of the database
	CodeAccount    Code = "account"     // an account is named
	CodeVariable   Code = "variable"    // a setting of the session or the server
	CodeIdentifier Code = "identifier"  // a name that servers read differently
	CodeLoop       Code = "loop"        // a loop without an end
	CodeReplace    Code = "replace"     // CREATE OR REPLACE
	CodeTableCopy  Code = "table_copy"  // CREATE TABLE … LIKE or SELECT
	CodeTemporary  Code = "temporary"   // CREATE TEMPORARY TABLE
	CodeDynamicSQL Code = "dynamic_sql" // PREPARE, EXECUTE
)

// layers is a set of layers.
type layers uint8

const (
	inSchema layers = 1 << iota
	inSeed
	inMigration
	inCustomization
	inAll       = inSchema | inSeed | inMigration | inCustomization
	inTemplates = inSchema | inSeed | inMigration
)

func (l Layer) bit() layers {
	switch l {
	case LayerSchema:
		return inSchema
	case LayerSeed:
		return inSeed
	case LayerMigration:
		return inMigration
	default: // an unknown layer is as strict as it gets
		return inCustomization
	}
}

func (s layers) has(l Layer) bool { return s&l.bit() != 0 }

// allowed are the verbs that may begin a statement of a layer.
var allowed = map[Layer][]string{
	LayerSchema:        {"CREATE", "ALTER", "DROP"},
	LayerSeed:          {"INSERT", "REPLACE", "UPDATE", "DELETE", "SELECT", "WITH", "SET", "DO"},
	LayerMigration:     {"CREATE", "ALTER", "DROP", "RENAME", "INSERT", "REPLACE", "UPDATE", "DELETE", "SELECT", "WITH", "SET"},
	LayerCustomization: {"CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE", "INSERT", "REPLACE", "UPDATE", "DELETE", "SELECT", "WITH"},
}

// allowedInBodies are the words that may begin a statement in the body of a
// routine that is not trusted. Labels and names of variables are told apart
// from them by what follows.
var allowedInBodies = []string{
	"BEGIN", "END", "IF", "ELSEIF", "ELSE", "CASE", "WHEN", "LOOP", "WHILE", "REPEAT", "UNTIL", "FOR", "LEAVE", "ITERATE", "RETURN",
	"DECLARE", "OPEN", "FETCH", "CLOSE", "SIGNAL", "RESIGNAL", "GET", "SET", "SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE",
	"WITH", "VALUES", "DO", "EXIT", "CONTINUE", "NULL", "CALL",
}

// statementRule is about statements that begin with certain words.
type statementRule struct {
	words  string // the first words
	layers layers // where it counts for a statement of the text
	bodies layers // where it counts for a statement in a body
	ignore bool   // the statement is left out with a warning
	code   Code
	why    string // completes the sentence "`WORDS` …"
	next   string // what to do
}

const (
	nextLeaveOut = "Leave the statement out."
	nextSettings = "The settings of the session are fixed, so that every tenant gets the same schema. " + nextLeaveOut
	nextAccounts = "The accounts of a server are looked after elsewhere. " + nextLeaveOut
	nextOperator = "Run it by hand, outside of Terraform, if it is needed."
)

// statementRules are looked at in this order; the first that fits counts.
var statementRules = []statementRule{
	{words: "USE", layers: inAll, bodies: inAll, code: CodeDatabase, why: "selects another database", next: "Everything runs in the tenant's own database. " + nextLeaveOut},
	{words: "CREATE DATABASE", layers: inAll, bodies: inAll, code: CodeDatabase, why: "makes another database", next: "The tenant's database is made by the provider. " + nextLeaveOut},
	{words: "CREATE SCHEMA", layers: inAll, bodies: inAll, code: CodeDatabase, why: "makes another database", next: "The tenant's database is made by the provider. " + nextLeaveOut},
	{words: "DROP DATABASE", layers: inAll, bodies: inAll, code: CodeDatabase, why: "drops a whole database", next: nextLeaveOut},
	{words: "DROP SCHEMA", layers: inAll, bodies: inAll, code: CodeDatabase, why: "drops a whole database", next: nextLeaveOut},
	{words: "ALTER DATABASE", layers: inAll, bodies: inAll, code: CodeDatabase, why: "changes a whole database", next: "Its character set and collation are the provider's. " + nextLeaveOut},
	{words: "ALTER SCHEMA", layers: inAll, bodies: inAll, code: CodeDatabase, why: "changes a whole database", next: "Its character set and collation are the provider's. " + nextLeaveOut},

	{words: "GRANT", layers: inAll, bodies: inAll, code: CodeAccount, why: "changes accounts", next: nextAccounts},
	{words: "REVOKE", layers: inAll, bodies: inAll, code: CodeAccount, why: "changes accounts", next: nextAccounts},
	{words: "CREATE USER", layers: inAll, bodies: inAll, code: CodeAccount, why: "makes an account", next: nextAccounts},
	{words: "CREATE ROLE", layers: inAll, bodies: inAll, code: CodeAccount, why: "makes a role", next: nextAccounts},
	{words: "ALTER USER", layers: inAll, bodies: inAll, code: CodeAccount, why: "changes an account", next: nextAccounts},
	{words: "DROP USER", layers: inAll, bodies: inAll, code: CodeAccount, why: "drops an account", next: nextAccounts},
	{words: "DROP ROLE", layers: inAll, bodies: inAll, code: CodeAccount, why: "drops a role", next: nextAccounts},
	{words: "RENAME USER", layers: inAll, bodies: inAll, code: CodeAccount, why: "renames an account", next: nextAccounts},
	{words: "SET PASSWORD", layers: inAll, bodies: inAll, code: CodeAccount, why: "changes an account", next: nextAccounts},
	{words: "SET ROLE", layers: inAll, bodies: inAll, code: CodeAccount, why: "changes the rights of the session", next: nextLeaveOut},
	{words: "SET SESSION AUTHORIZATION", layers: inAll, bodies: inAll, code: CodeAccount, why: "makes the session another account's", next: nextLeaveOut},
	{words: "SET DEFAULT", layers: inAll, bodies: inAll, code: CodeAccount, why: "changes accounts", next: nextAccounts},
	{words: "SET RESOURCE GROUP", bodies: inAll, code: CodeVariable, why: "changes on which processors a session runs", next: nextLeaveOut},
	{words: "SET STATEMENT", layers: inAll, bodies: inAll, code: CodeVariable, why: "changes settings for one statement", next: "Write the statement without it."},

	// What dumps and editors put around the objects does no harm when it is left out.
	{words: "LOCK TABLES", layers: inTemplates, ignore: true, why: "is of no use here: nobody else works in the database"},
	{words: "LOCK TABLE", layers: inTemplates, ignore: true, why: "is of no use here: nobody else works in the database"},
	{words: "UNLOCK TABLES", layers: inTemplates, ignore: true, why: "is of no use here: no table is locked"},
	{words: "UNLOCK TABLE", layers: inTemplates, ignore: true, why: "is of no use here: no table is locked"},
	{words: "START TRANSACTION", layers: inTemplates, ignore: true, why: "is of no use here: the provider decides what is one transaction"},
	{words: "BEGIN NOT", layers: inAll, code: CodeStatement, why: "runs a body once", next: "Write its statements one by one, or a procedure."},
	{words: "BEGIN", layers: inTemplates, ignore: true, why: "is of no use here: the provider decides what is one transaction"},
	{words: "OPTIMIZE TABLE", layers: inTemplates, ignore: true, why: "changes no row and nothing of the structure"},
	{words: "ANALYZE TABLE", layers: inTemplates, ignore: true, why: "changes no row and nothing of the structure"},
	{words: "REPAIR TABLE", layers: inTemplates, ignore: true, why: "changes no row and nothing of the structure"},
	{words: "CHECKSUM TABLE", layers: inTemplates, ignore: true, why: "changes no row and nothing of the structure"},
	{words: "LOCK INSTANCE", layers: inTemplates, ignore: true, why: "is of no use here: nobody else works in the database"},
	{words: "UNLOCK INSTANCE", layers: inTemplates, ignore: true, why: "is of no use here: no backup is kept out"},
	{words: "SAVEPOINT", layers: inTemplates, ignore: true, why: "is of no use here: the provider decides what is one transaction"},
	{words: "RELEASE SAVEPOINT", layers: inTemplates, ignore: true, why: "is of no use here: the provider decides what is one transaction"},
	{words: "SET SESSION TRANSACTION", layers: inTemplates, ignore: true, why: "is of no use here: the provider decides what is one transaction"},
	{words: "SET LOCAL TRANSACTION", layers: inTemplates, ignore: true, why: "is of no use here: the provider decides what is one transaction"},
	{words: "SET TRANSACTION", layers: inTemplates, ignore: true, why: "is of no use here: the provider decides what is one transaction"},
	{words: "COMMIT", layers: inTemplates, ignore: true, why: "is of no use here: the provider decides what is one transaction"},

	{words: "SET TRANSACTION", layers: inAll, bodies: inCustomization, code: CodeVariable, why: "changes how transactions of the session run", next: nextSettings},

	{words: "LOAD", layers: inAll, bodies: inAll, code: CodeStatement, why: "reads a file of the server or of the machine that runs Terraform", next: "Write the rows as `INSERT` statements in a seed."},
	{words: "IMPORT TABLE", layers: inAll, bodies: inAll, code: CodeStatement, why: "reads a table from files of the server", next: "Write the table, and its rows as `INSERT` statements in a seed."},
	{words: "CACHE INDEX", layers: inAll, bodies: inAll, code: CodeStatement, why: "changes the caches of the whole server", next: nextOperator},
	{words: "CALL", layers: inAll, code: CodeStatement, why: "runs a routine, whose effect cannot be seen beforehand", next: "Write the statements themselves."},
	{words: "PREPARE", layers: inAll, bodies: inAll, code: CodeDynamicSQL, why: "makes SQL of a text that nobody can check beforehand", next: "Write the statement itself."},
	{words: "EXECUTE", layers: inAll, bodies: inAll, code: CodeDynamicSQL, why: "runs SQL of a text that nobody can check beforehand", next: "Write the statement itself."},
	{words: "DEALLOCATE", layers: inAll, bodies: inAll, code: CodeDynamicSQL, why: "belongs to SQL of a text that nobody can check beforehand", next: "Write the statement itself."},
	{words: "HANDLER", layers: inAll, bodies: inAll, code: CodeStatement, why: "reads a table past the rules of transactions", next: "Use `SELECT`."},
	{words: "KILL", layers: inAll, bodies: inAll, code: CodeStatement, why: "ends the work of others", next: nextOperator},
	{words: "FLUSH", layers: inAll, bodies: inAll, code: CodeStatement, why: "stops the whole server for a moment", next: nextOperator},
	{words: "RESET", layers: inAll, bodies: inAll, code: CodeStatement, why: "changes the whole server", next: nextOperator},
	{words: "SHUTDOWN", layers: inAll, bodies: inAll, code: CodeStatement, why: "stops the whole server", next: nextOperator},
	{words: "RESTART", layers: inAll, bodies: inAll, code: CodeStatement, why: "stops the whole server", next: nextOperator},
	{words: "PURGE", layers: inAll, bodies: inAll, code: CodeStatement, why: "throws away binary logs", next: nextOperator},
	{words: "CHANGE", layers: inAll, bodies: inAll, code: CodeStatement, why: "changes the replication of the server", next: nextOperator},
	{words: "START SLAVE", layers: inAll, bodies: inAll, code: CodeStatement, why: "changes the replication of the server", next: nextOperator},
	{words: "START REPLICA", layers: inAll, bodies: inAll, code: CodeStatement, why: "changes the replication of the server", next: nextOperator},
	{words: "START ALL", layers: inAll, bodies: inAll, code: CodeStatement, why: "changes the replication of the server", next: nextOperator},
	{words: "START GROUP_REPLICATION", layers: inAll, bodies: inAll, code: CodeStatement, why: "changes the replication of the server", next: nextOperator},
	{words: "START", layers: inAll, bodies: inCustomization, code: CodeStatement, why: "is not for a tenant's schema", next: nextLeaveOut},
	{words: "STOP", layers: inAll, bodies: inAll, code: CodeStatement, why: "changes the replication of the server", next: nextOperator},
	{words: "CLONE", layers: inAll, bodies: inAll, code: CodeStatement, why: "copies the whole server", next: nextOperator},
	{words: "BACKUP", layers: inAll, bodies: inAll, code: CodeStatement, why: "stops the whole server for a moment", next: nextOperator},
	{words: "BINLOG", layers: inAll, bodies: inAll, code: CodeStatement, why: "changes rows past every check", next: "Write the rows as `INSERT` statements."},
	{words: "DROP FUNCTION", bodies: inTemplates, code: CodeStatement, why: "drops a function of the whole server where the database has none of the name", next: "Drop it in a file in `migrations/`."},
	{words: "INSTALL", layers: inAll, bodies: inAll, code: CodeStatement, why: "loads code into the server", next: nextOperator},
	{words: "UNINSTALL", layers: inAll, bodies: inAll, code: CodeStatement, why: "removes code from the server", next: nextOperator},
	{words: "XA", layers: inAll, bodies: inAll, code: CodeStatement, why: "leaves transactions behind that outlive the session", next: nextLeaveOut},
	{words: "LOCK", layers: inCustomization, bodies: inAll, code: CodeStatement, why: "makes others wait", next: nextLeaveOut},
	{words: "UNLOCK", layers: inCustomization, bodies: inAll, code: CodeStatement, why: "releases locks of the session", next: nextLeaveOut},
	{words: "TRUNCATE", layers: inSchema | inSeed, code: CodeStatement, why: "destroys rows", next: "A new database has none. " + nextLeaveOut},
	{words: "TRUNCATE", layers: inMigration, code: CodeStatement, why: "empties a table past its triggers, and for good", next: "Write `DELETE FROM` and the name of the table."},
	{words: "RENAME", layers: inSchema, code: CodeStatement, why: "changes what an earlier version made", next: "Write it into a file in `migrations/`, and the new name here."},
	{words: "INSERT", layers: inSchema, code: CodeStatement, why: "adds rows", next: "Move it to a file in `seeds/`."},
	{words: "REPLACE", layers: inSchema, code: CodeStatement, why: "adds rows", next: "Move it to a file in `seeds/`."},
	{words: "UPDATE", layers: inSchema, code: CodeStatement, why: "changes rows", next: "Move it to a file in `seeds/`, or in `migrations/` when it is for tenants that exist."},
	{words: "DELETE", layers: inSchema, code: CodeStatement, why: "deletes rows", next: "Move it to a file in `seeds/`, or in `migrations/` when it is for tenants that exist."},
	{words: "CREATE", layers: inSeed, code: CodeStatement, why: "changes the schema", next: "Move it to a file in `core/` or `optional/`."},
	{words: "ALTER", layers: inSeed, code: CodeStatement, why: "changes the schema", next: "Move it to a file in `core/` or `optional/`."},
	{words: "DROP", layers: inSeed, code: CodeStatement, why: "changes the schema", next: nextLeaveOut},
	{words: "SHOW", layers: inAll, bodies: inCustomization, code: CodeStatement, why: "changes nothing", next: nextLeaveOut},
	{words: "SELECT", layers: inSchema, code: CodeStatement, why: "changes nothing", next: nextLeaveOut},
	{words: "EXPLAIN", layers: inAll, bodies: inCustomization, code: CodeStatement, why: "changes nothing", next: nextLeaveOut},

	// Commands of the mysql client. A server knows none of them.
	{words: "SOURCE", layers: inAll, code: CodeStatement, why: "is a command of the mysql client", next: "Put the content of the file here."},
	{words: "SYSTEM", layers: inAll, code: CodeStatement, why: "is a command of the mysql client", next: nextLeaveOut},
	{words: "PAGER", layers: inAll, code: CodeStatement, why: "is a command of the mysql client", next: nextLeaveOut},
	{words: "TEE", layers: inAll, code: CodeStatement, why: "is a command of the mysql client", next: nextLeaveOut},
}

// functionRule is about calls of a built-in function. Functions that come with a
// component or plugin of the server have one beginning in common: a newer version
// brings more of them.
type functionRule struct {
	names  []string
	begins []string
	layers layers
	why    string // completes the sentence "`NAME()` …"
}

var functionRules = []functionRule{
	{names: []string{"GET_LOCK", "RELEASE_LOCK", "RELEASE_ALL_LOCKS"}, layers: inAll, why: "takes or releases locks that count for the whole server; the provider's own is one of them"},
	{names: []string{"IS_FREE_LOCK", "IS_USED_LOCK"}, layers: inCustomization, why: "tells about locks of the whole server"},
	{names: []string{"LOAD_FILE"}, layers: inAll, why: "reads a file of the server"},
	{names: []string{"SLEEP", "BENCHMARK"}, layers: inAll, why: "keeps the server busy for nothing"},
	{names: []string{"MASTER_POS_WAIT", "SOURCE_POS_WAIT", "MASTER_GTID_WAIT", "WAIT_FOR_EXECUTED_GTID_SET", "WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS"}, layers: inAll, why: "waits for the replication of the whole server"},
	{names: []string{"SERVICE_GET_READ_LOCKS", "SERVICE_GET_WRITE_LOCKS", "SERVICE_RELEASE_LOCKS"}, layers: inAll, why: "takes or releases locks that count for the whole server"},
	{names: []string{"WSREP_SYNC_WAIT_UPTO_GTID"}, layers: inAll, why: "waits for the replication of the whole server"},
	{names: []string{"ROLES_GRAPHML"}, layers: inAll, why: "tells the roles of the whole server"},
	{begins: []string{"GROUP_REPLICATION_", "ASYNCHRONOUS_CONNECTION_FAILOVER_"}, layers: inAll, why: "changes the replication of the server"},
	{begins: []string{"SPIDER_"}, layers: inAll, why: "talks to other servers"},
	{begins: []string{"AUDIT_LOG_", "AUDIT_API_", "MYSQL_FIREWALL_", "SET_FIREWALL_", "READ_FIREWALL_", "VERSION_TOKENS_", "FIREWALL_GROUP_", "MASKING_DICTIONAR", "GEN_DICTIONARY", "GEN_BLOCKLIST", "GEN_BLACKLIST", "MYSQL_OPTION_TRACKER_", "LOAD_REWRITE_RULES", "FLUSH_REWRITE_CACHE", "CREATE_SCHEDULED_TASK", "DROP_SCHEDULED_TASK", "TELEMETRY_"}, layers: inAll, why: "belongs to a component of the server"},
	{names: []string{"SYS_EXEC", "SYS_EVAL", "SYS_GET", "SYS_SET"}, layers: inAll, why: "runs commands on the server's machine"},
	{begins: []string{"JFILE_", "BFILE_", "JBIN_FILE", "BBIN_FILE", "JSON_FILE", "BSON_FILE"}, layers: inAll, why: "reads or writes a file of the server"},
	{begins: []string{"INNODB_"}, layers: inAll, why: "changes the storage of the whole server"},
	{names: []string{"MROONGA_COMMAND"}, layers: inAll, why: "runs commands of a plugin"},
	{begins: []string{"KEYRING_"}, layers: inAll, why: "reaches the keys of the server"},
}

// clauseRule is about words in a row, anywhere in a statement.
type clauseRule struct {
	words  []string
	kinds  []ddl.Kind // only in statements about these kinds; empty: in all
	layers layers
	code   Code
	option bool   // an option of a table: it stands outside of the column list
	text   bool   // it has a text behind it, with or without `=`
	except string // the name behind the words that makes them harmless
	why    string
	next   string
}

// ownTablespace is what MySQL calls the file of one table, and prints.
const ownTablespace = "innodb_file_per_table"

// tables are what takes the options of a table: a sequence of MariaDB is one.
var tables = []ddl.Kind{ddl.KindTable, ddl.KindSequence}

// routines are what has a body.
var routines = []ddl.Kind{ddl.KindProcedure, ddl.KindFunction, ddl.KindTrigger, ddl.KindEvent, ddl.KindPackage, ddl.KindPackageBody}

// Tables keep what their options say wherever the server wants it, without
// asking for a privilege: MariaDB writes to any directory it may write to.
var clauseRules = []clauseRule{
	{words: []string{"INTO", "OUTFILE"}, layers: inAll, code: CodeOption, why: "writes a file on the server", next: nextLeaveOut},
	{words: []string{"INTO", "DUMPFILE"}, layers: inAll, code: CodeOption, why: "writes a file on the server", next: nextLeaveOut},
	{words: []string{"DATA", "DIRECTORY"}, kinds: tables, layers: inAll, code: CodeOption, why: "puts the table outside of its database", next: "Leave the option out."},
	{words: []string{"INDEX", "DIRECTORY"}, kinds: tables, layers: inAll, code: CodeOption, why: "puts the index outside of its database", next: "Leave the option out."},
	{words: []string{"TABLESPACE"}, except: ownTablespace, kinds: tables, layers: inAll, code: CodeOption, option: true, why: "puts the table into a file that is not the tenant's", next: "Leave the option out."},
	{words: []string{"DISCARD"}, kinds: tables, layers: inAll, code: CodeOption, option: true, why: "throws the rows of the table away", next: nextLeaveOut},
	{words: []string{"IMPORT"}, kinds: tables, layers: inAll, code: CodeOption, option: true, why: "reads rows from a file of the server", next: nextLeaveOut},
	{words: []string{"UNION", "="}, kinds: tables, layers: inAll, code: CodeOption, option: true, why: "makes one table of others, of any database", next: "Use a view."},
	{words: []string{"UNION", "("}, kinds: tables, layers: inCustomization, code: CodeOption, option: true, why: "makes one table of others, of any database", next: "Use a view."},
	{words: []string{"CONNECTION"}, kinds: tables, layers: inAll, code: CodeOption, option: true, why: "connects the table to another server", next: "Leave the option out."},
	{words: []string{"ENCRYPTION"}, kinds: tables, layers: inCustomization, code: CodeOption, option: true, why: "depends on keys that a copy of the database may not have", next: "Leave the option out."},
	{words: []string{"ENCRYPTED"}, kinds: tables, layers: inCustomization, code: CodeOption, option: true, why: "depends on keys that a copy of the database may not have", next: "Leave the option out."},
	{words: []string{"AUTOEXTEND_SIZE"}, kinds: tables, layers: inCustomization, code: CodeOption, option: true, why: "takes up to 4 GB of the disk for each partition, empty or not", next: "Leave the option out."},
	{words: []string{"START", "TRANSACTION"}, kinds: tables, layers: inAll, code: CodeOption, option: true, why: "leaves the table in a transaction that only a replica ends", next: "Leave the clause out."},
	{words: []string{"SECONDARY_ENGINE"}, kinds: tables, layers: inAll, code: CodeOption, option: true, why: "loads the table into another system", next: "Leave the option out."},
	{words: []string{"SECONDARY_LOAD"}, kinds: tables, layers: inAll, code: CodeOption, option: true, why: "loads the table into another system", next: "Leave the option out."},
	{words: []string{"SECONDARY_UNLOAD"}, kinds: tables, layers: inAll, code: CodeOption, option: true, why: "changes another system", next: "Leave the option out."},
	{words: []string{"ENGINE_ATTRIBUTE"}, kinds: tables, layers: inAll, code: CodeOption, text: true, why: "tells an engine what nobody here can read, up to the files of the table", next: "Leave the option out."},
	{words: []string{"SECONDARY_ENGINE_ATTRIBUTE"}, kinds: tables, layers: inAll, code: CodeOption, text: true, why: "tells another system what nobody here can read", next: "Leave the option out."},
	{words: []string{"SONAME"}, kinds: routines, text: true, layers: inAll, code: CodeOption, why: "loads code into the server", next: nextLeaveOut},
	{words: []string{"SQL", "SECURITY", "INVOKER"}, kinds: []ddl.Kind{ddl.KindProcedure, ddl.KindFunction, ddl.KindPackage, ddl.KindPackageBody}, layers: inCustomization, code: CodeOption, why: "runs with the rights of whoever calls it, an administrator's too", next: "Leave it out: the routine then runs with the tenant's rights."},
	{words: []string{"DEFINER", "="}, layers: inAll, code: CodeAccount, why: "names an account, which another server may not have", next: "Leave it out: whoever applies becomes the definer."},
}

// localEngines keep the rows of a table in the files of its database, or nowhere.
// What is no engine of these is refused: others read other tables, files or servers.
var localEngines = []string{"INNODB", "XTRADB", "MYISAM", "ARIA", "MARIA", "MEMORY", "HEAP", "CSV", "ARCHIVE", "BLACKHOLE", "ROCKSDB", "TOKUDB", "MYROCKS"}

// dumpVariables are the settings that dumps make and that are left out.
var dumpVariables = []string{
	"NAMES", "SQL_MODE", "FOREIGN_KEY_CHECKS", "UNIQUE_CHECKS", "TIME_ZONE", "CHARACTER_SET_CLIENT", "CHARACTER_SET_RESULTS",
	"CHARACTER_SET_CONNECTION", "CHARACTER_SET_DATABASE", "COLLATION_CONNECTION", "COLLATION_DATABASE", "SQL_NOTES", "SQL_WARNINGS",
	"NOTE_VERBOSITY", "AUTOCOMMIT", "SQL_LOG_BIN", "GTID_PURGED", "SQL_SAFE_UPDATES", "SQL_QUOTE_SHOW_CREATE", "DEFAULT_STORAGE_ENGINE",
	"STORAGE_ENGINE", "DEFAULT_TABLESPACE", "INFORMATION_SCHEMA_STATS_EXPIRY", "CHARSET", "EXPLICIT_DEFAULTS_FOR_TIMESTAMP", "SYSTEM_VERSIONING_INSERT_HISTORY",
	"INNODB_STRICT_MODE", "MAX_ALLOWED_PACKET", "WAIT_TIMEOUT", "INTERACTIVE_TIMEOUT", "NET_READ_TIMEOUT", "NET_WRITE_TIMEOUT", "LOCK_WAIT_TIMEOUT", "INNODB_LOCK_WAIT_TIMEOUT",
	"MAX_STATEMENT_TIME", "MAX_EXECUTION_TIME", "SQL_BIG_SELECTS", "MAX_JOIN_SIZE", "SQL_REQUIRE_PRIMARY_KEY", "TRANSACTION_ISOLATION", "TX_ISOLATION", "LONG_QUERY_TIME", "PROFILING",
	"BULK_INSERT_BUFFER_SIZE", "MYISAM_SORT_BUFFER_SIZE", "SORT_BUFFER_SIZE", "READ_BUFFER_SIZE", "JOIN_BUFFER_SIZE", "TMP_TABLE_SIZE", "MAX_ERROR_COUNT",
}

// isDumpVariable says whether a name is one of dumpVariables.
func isDumpVariable(upper string) bool { return slices.Contains(dumpVariables, upper) }

// engineSettings of a session choose the engine of tables that name none.
var engineSettings = []string{"DEFAULT_STORAGE_ENGINE", "DEFAULT_TMP_STORAGE_ENGINE", "ENFORCE_STORAGE_ENGINE", "STORAGE_ENGINE"}

// loggedSettings of a session decide what the server writes into its logs, and with
// that what its replicas get.
var loggedSettings = []string{
	"SQL_LOG_BIN", "SQL_LOG_OFF", "BINLOG_FORMAT", "BINLOG_ROW_IMAGE", "BINLOG_ROW_VALUE_OPTIONS", "BINLOG_ROWS_QUERY_LOG_EVENTS", "BINLOG_DIRECT_NON_TRANSACTIONAL_UPDATES",
	"GTID_NEXT", "GTID_DOMAIN_ID", "GTID_SEQ_NO", "SERVER_ID", "PSEUDO_THREAD_ID", "PSEUDO_SLAVE_MODE", "PSEUDO_REPLICA_MODE", "SKIP_REPLICATION", "SKIP_PARALLEL_REPLICATION",
	"ORIGINAL_COMMIT_TIMESTAMP", "ORIGINAL_SERVER_VERSION", "IMMEDIATE_SERVER_VERSION", "REQUIRE_ROW_FORMAT", "WSREP_ON", "WSREP_OSU_METHOD", "DEBUG", "DEBUG_DBUG", "DEBUG_SYNC",
}

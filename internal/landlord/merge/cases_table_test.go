package merge_test

// tableCases are about whole tables.
var tableCases = map[string]mergeCase{
	"nobody changed anything": {
		base:     "CREATE TABLE people (id int)",
		template: "CREATE TABLE people (id int)",
		tenant:   "CREATE TABLE people (id int)",
	},
	"the template adds a table": {
		base:     "CREATE TABLE people (id int)",
		template: "CREATE TABLE people (id int); CREATE TABLE rooms (id int)",
		tenant:   "CREATE TABLE people (id int)",
		merged:   "CREATE TABLE people (id int); CREATE TABLE rooms (id int)",
	},
	"the template drops a table": {
		base:     "CREATE TABLE people (id int); CREATE TABLE rooms (id int)",
		template: "CREATE TABLE people (id int)",
		tenant:   "CREATE TABLE people (id int); CREATE TABLE rooms (id int)",
		merged:   "CREATE TABLE people (id int)",
	},
	"the tenant has a table of its own, and the template changes another one": {
		base:     "CREATE TABLE people (id int)",
		template: "CREATE TABLE people (id bigint)",
		tenant:   "CREATE TABLE people (id int); CREATE TABLE crm (id int)",
		crm:      []string{"table crm"},
		merged:   "CREATE TABLE people (id bigint); CREATE TABLE crm (id int)",
	},
	"both add the same table": {
		template:  "CREATE TABLE rooms (id int, name varchar(20))",
		tenant:    "CREATE TABLE rooms (id int, name varchar(20))",
		crm:       []string{"table rooms"},
		conflicts: []string{"identical: table rooms (customization `crm`): both made the same: it belongs to the template from now on [ | CREATE TABLE `rooms` (`id` int, `name` varchar(20)) | CREATE TABLE `rooms` (`id` int, `name` varchar(20))]"},
	},
	"both add the same table, its columns in another order": {
		template:  "CREATE TABLE rooms (id int, name varchar(20))",
		tenant:    "CREATE TABLE rooms (name varchar(20), id int)",
		crm:       []string{"table rooms"},
		conflicts: []string{"identical: table rooms (customization `crm`): both made the same: it belongs to the template from now on [ | CREATE TABLE `rooms` (`id` int, `name` varchar(20)) | CREATE TABLE `rooms` (`name` varchar(20), `id` int)]"},
	},
	"both add a table of one name": {
		template: "CREATE TABLE rooms (id int, floor int)",
		tenant:   "CREATE TABLE rooms (id int, door int)",
		crm:      []string{"table rooms"},
		verdict:  "merge",
		conflicts: []string{
			"clashes: table rooms (customization `crm`): both sides added it, differently [ | CREATE TABLE `rooms` (`id` int, `floor` int) | CREATE TABLE `rooms` (`id` int, `door` int)]",
		},
	},
	"both add a table of one name, the tenant's stays": {
		template: "CREATE TABLE rooms (id int, floor int)",
		tenant:   "CREATE TABLE rooms (id int, door int)",
		crm:      []string{"table rooms"},
		decide:   []string{"table rooms: keep_tenant"},
		conflicts: []string{
			"clashes: table rooms (customization `crm`): both sides added it, differently -> keep_tenant [ | CREATE TABLE `rooms` (`id` int, `floor` int) | CREATE TABLE `rooms` (`id` int, `door` int)]",
		},
	},
	"both add a table of one name, the template's wins": {
		template: "CREATE TABLE rooms (id int, floor int)",
		tenant:   "CREATE TABLE rooms (id int, door int)",
		crm:      []string{"table rooms"},
		decide:   []string{"table rooms: take_template"},
		merged:   "CREATE TABLE rooms (id int, floor int)",
		conflicts: []string{
			"clashes: table rooms (customization `crm`): both sides added it, differently -> take_template [ | CREATE TABLE `rooms` (`id` int, `floor` int) | CREATE TABLE `rooms` (`id` int, `door` int)]",
		},
	},
	"the template drops a table that the tenant has extended": {
		base:     "CREATE TABLE rooms (id int); CREATE TABLE people (id int)",
		template: "CREATE TABLE people (id int)",
		tenant:   "CREATE TABLE rooms (id int, door int); CREATE TABLE people (id int)",
		crm:      []string{"table rooms column door"},
		verdict:  "merge",
		conflicts: []string{
			"clashes: table rooms (customization `crm`): one side takes away what the other changed [CREATE TABLE `rooms` (`id` int) |  | CREATE TABLE `rooms` (`id` int, `door` int)]",
			"commutes: table rooms column door (customization `crm`): the template changes other parts of the object [ |  | `door` int]",
		},
	},
	"the template drops a table that the tenant has extended, and it goes": {
		base:     "CREATE TABLE rooms (id int); CREATE TABLE people (id int)",
		template: "CREATE TABLE people (id int)",
		tenant:   "CREATE TABLE rooms (id int, door int); CREATE TABLE people (id int)",
		crm:      []string{"table rooms column door"},
		decide:   []string{"table rooms: take_template"},
		merged:   "CREATE TABLE people (id int)",
		conflicts: []string{
			"clashes: table rooms (customization `crm`): one side takes away what the other changed -> take_template [CREATE TABLE `rooms` (`id` int) |  | CREATE TABLE `rooms` (`id` int, `door` int)]",
			"commutes: table rooms column door (customization `crm`): the template changes other parts of the object [ |  | `door` int]",
		},
	},
	"the template drops a table that the tenant has taken over as its own": {
		base:     "CREATE TABLE rooms (id int)",
		template: "CREATE TABLE people (id int)",
		tenant:   "CREATE TABLE rooms (id int, door int)",
		crm:      []string{"table rooms"},
		merged:   "CREATE TABLE rooms (id int, door int); CREATE TABLE people (id int)",
		conflicts: []string{
			"commutes: table rooms column door (customization `crm`): the template changes other parts of the object [ |  | `door` int]",
		},
	},
	"the template gives up a table that it took over from the tenant": {
		base:     "CREATE TABLE rooms (id int); CREATE TABLE people (id int)",
		template: "CREATE TABLE people (id int)",
		tenant:   "CREATE TABLE rooms (id int); CREATE TABLE people (id int)",
		crm:      []string{"(table rooms)"},
	},
	"another version of the server prints a column otherwise": {
		base:     "CREATE TABLE people (id int, age int)",
		template: "CREATE TABLE people (id int, age int, fax int)",
		tenant:   "CREATE TABLE people (id int, age int(11))",
		merged:   "CREATE TABLE people (id int, age int(11), fax int)",
	},
	"another version of the server prints a column otherwise that the template changes": {
		base:     "CREATE TABLE people (id int, age int)",
		template: "CREATE TABLE people (id int, age bigint)",
		tenant:   "CREATE TABLE people (id int, age int(11))",
		merged:   "CREATE TABLE people (id int, age bigint)",
	},
	"a table of the template that the tenant does not have, and nobody says why": {
		base:     "CREATE TABLE rooms (id int)",
		template: "CREATE TABLE rooms (id bigint)",
		tenant:   "CREATE TABLE people (id int)",
		merged:   "CREATE TABLE people (id int); CREATE TABLE rooms (id bigint)",
	},
	"an adoption: what the template has wins, the rest stays": {
		adoption: true,
		template: "CREATE TABLE people (id bigint, email varchar(50))",
		tenant:   "CREATE TABLE people (id int, age int); CREATE TABLE crm (id int)",
		merged:   "CREATE TABLE people (id bigint, age int, email varchar(50)); CREATE TABLE crm (id int)",
	},
	"an adoption: keys, checks, options and programs beyond the template stay": {
		adoption: true,
		template: "CREATE TABLE rooms (id int NOT NULL, PRIMARY KEY (id)); CREATE TABLE people (id int NOT NULL, room int, KEY k (id))",
		tenant: "CREATE TABLE rooms (id int NOT NULL, PRIMARY KEY (id)); CREATE TABLE people (id int NOT NULL, room int, age int, PRIMARY KEY (id), KEY k (age), KEY r (room), KEY own (age), " +
			"CONSTRAINT grown CHECK (age > 17), CONSTRAINT lives FOREIGN KEY (room) REFERENCES rooms (id)) COMMENT='ours'; " +
			"CREATE VIEW adults AS SELECT id FROM people; CREATE TRIGGER born BEFORE INSERT ON people FOR EACH ROW SET NEW.age = 0",
		merged: "CREATE TABLE rooms (id int NOT NULL, PRIMARY KEY (id)); CREATE TABLE people (id int NOT NULL, room int, age int, PRIMARY KEY (id), KEY k (id), KEY r (room), KEY own (age), " +
			"CONSTRAINT grown CHECK (age > 17), CONSTRAINT lives FOREIGN KEY (room) REFERENCES rooms (id)) COMMENT='ours'; " +
			"CREATE VIEW adults AS SELECT id FROM people; CREATE TRIGGER born BEFORE INSERT ON people FOR EACH ROW SET NEW.age = 0",
	},
	"an adoption: what is decided for stays, changed, missing or moved": {
		adoption: true,
		template: "CREATE TABLE people (id bigint, email varchar(50) DEFAULT 'x', age int, KEY k (age)); CREATE TABLE crm (id int); CREATE VIEW adults AS SELECT id FROM people",
		tenant:   "CREATE TABLE people (id int, email varchar(50), age int)",
		decide:   []string{"table people column email: keep_tenant", "table people key k: keep_tenant", "view adults: keep_tenant", "table people column age: keep_tenant"},
		merged:   "CREATE TABLE people (id bigint, email varchar(50), age int); CREATE TABLE crm (id int)",
		unused:   []string{"table people column age"},
		conflicts: []string{
			"clashes: table people column email (the tenant): the database was adopted with another one -> keep_tenant [ | `email` varchar(50) DEFAULT 'x' | `email` varchar(50)]",
			"clashes: table people key k (the tenant): the database was adopted with another one -> keep_tenant [ | KEY `k` (`age`) | ]",
			"clashes: view adults (the tenant): the database was adopted with another one -> keep_tenant [ | CREATE VIEW adults AS SELECT id FROM people | ]",
		},
	},
	"an adoption: a decision on a whole table keeps all of it": {
		adoption: true,
		template: "CREATE TABLE people (id bigint, age int, KEY k (age))",
		tenant:   "CREATE TABLE people (id int, age int)",
		decide:   []string{"table people: keep_tenant"},
		conflicts: []string{
			"clashes: table people column id (the tenant): the database was adopted with another one -> keep_tenant [ | `id` bigint | `id` int]",
			"clashes: table people key k (the tenant): the database was adopted with another one -> keep_tenant [ | KEY `k` (`age`) | ]",
		},
	},
	"names in upper and lower case are two tables": {
		base:     "CREATE TABLE people (id int)",
		template: "CREATE TABLE people (id int); CREATE TABLE Rooms (id int)",
		tenant:   "CREATE TABLE people (id int); CREATE TABLE rooms (door int)",
		crm:      []string{"table rooms"},
		merged:   "CREATE TABLE people (id int); CREATE TABLE Rooms (id int); CREATE TABLE rooms (door int)",
	},
	"a sequence of both": {
		mariadb:  true,
		template: "CREATE SEQUENCE `numbers` start with 1 minvalue 1 maxvalue 100 increment by 1",
		tenant:   "CREATE SEQUENCE `numbers` start with 5 minvalue 1 maxvalue 100 increment by 1",
		crm:      []string{"sequence numbers"},
		verdict:  "merge",
		conflicts: []string{
			"clashes: sequence numbers (customization `crm`): both sides added it, differently [ | CREATE SEQUENCE `numbers` start with 1 minvalue 1 maxvalue 100 increment by 1 | CREATE SEQUENCE `numbers` start with 5 minvalue 1 maxvalue 100 increment by 1]",
		},
	},
}

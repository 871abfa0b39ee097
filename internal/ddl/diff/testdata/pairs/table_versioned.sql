-- A system-versioned table is left to people
-- servers mariadb
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT) WITH SYSTEM VERSIONING;
-- after
CREATE TABLE t (id INT PRIMARY KEY, a BIGINT) WITH SYSTEM VERSIONING;
-- expect
error: comparing schemas: table t: it is system-versioned, and its history must be cared for by hand

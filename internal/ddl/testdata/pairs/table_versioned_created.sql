-- A system-versioned table comes and goes
-- servers mariadb
-- before
CREATE TABLE t (id INT PRIMARY KEY);
-- after
CREATE TABLE t (id INT PRIMARY KEY);
CREATE TABLE h (id INT PRIMARY KEY, a INT WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING;
-- expect mariadb
create_table: CREATE TABLE `h` (`id` int(11) NOT NULL, `a` int(11) DEFAULT NULL WITHOUT SYSTEM VERSIONING, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci WITH SYSTEM VERSIONING

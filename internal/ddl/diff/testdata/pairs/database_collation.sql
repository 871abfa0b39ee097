-- The default of the database changes, what exists keeps its own
-- before
CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(10));
-- after
ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(10)) COLLATE utf8mb4_unicode_ci;
CREATE TABLE u (id INT PRIMARY KEY, a VARCHAR(10));
-- expect mariadb
alter_database: ALTER DATABASE CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
  reason: tables, columns and parameters created from now on take it; those that exist keep theirs
create_table: CREATE TABLE `u` (`id` int(11) NOT NULL, `a` varchar(10) DEFAULT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
-- expect mysql
alter_database: ALTER DATABASE CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
  reason: tables, columns and parameters created from now on take it; those that exist keep theirs
create_table: CREATE TABLE `u` (`id` int NOT NULL, `a` varchar(10) COLLATE utf8mb4_bin DEFAULT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin

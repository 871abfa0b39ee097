-- Virtual and stored columns with an index
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, v INT AS (a + 1) VIRTUAL, s INT AS (a * 2) STORED, KEY (v));
-- expect mariadb
alter_table: ALTER TABLE `t` ADD COLUMN `v` int(11) GENERATED ALWAYS AS (`a` + 1) VIRTUAL, ADD COLUMN `s` int(11) GENERATED ALWAYS AS (`a` * 2) STORED, ADD KEY `v` (`v`)
-- expect mysql
alter_table: ALTER TABLE `t` ADD COLUMN `v` int GENERATED ALWAYS AS ((`a` + 1)) VIRTUAL, ADD COLUMN `s` int GENERATED ALWAYS AS ((`a` * 2)) STORED, ADD KEY `v` (`v`)

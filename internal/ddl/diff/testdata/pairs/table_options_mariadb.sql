-- Options that only MariaDB has
-- servers mariadb
-- before
CREATE TABLE t (id INT PRIMARY KEY, a TEXT);
CREATE TABLE u (id INT PRIMARY KEY) ENGINE = Aria TRANSACTIONAL = 1;
-- after
CREATE TABLE t (id INT PRIMARY KEY, a TEXT) PAGE_COMPRESSED = 1 PAGE_COMPRESSION_LEVEL = 5;
CREATE TABLE u (id INT PRIMARY KEY) ENGINE = Aria TRANSACTIONAL = 0 PAGE_CHECKSUM = 1;
-- expect mariadb-10.11
change_table_options: ALTER TABLE `t` `PAGE_COMPRESSED`=1, `PAGE_COMPRESSION_LEVEL`=5
change_table_options: ALTER TABLE `u` TRANSACTIONAL=0
-- expect mariadb-11.8
change_table_options: ALTER TABLE `t` `PAGE_COMPRESSED`='1', `PAGE_COMPRESSION_LEVEL`='5'
change_table_options: ALTER TABLE `u` TRANSACTIONAL=0

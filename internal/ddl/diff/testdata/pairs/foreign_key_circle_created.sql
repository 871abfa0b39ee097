-- New tables that need each other
-- before
CREATE TABLE keepme (id INT PRIMARY KEY);
-- after
SET foreign_key_checks = 0;
CREATE TABLE keepme (id INT PRIMARY KEY);
CREATE TABLE a (id INT PRIMARY KEY, b INT, CONSTRAINT fa FOREIGN KEY (b) REFERENCES b (id));
CREATE TABLE b (id INT PRIMARY KEY, c INT, CONSTRAINT fb FOREIGN KEY (c) REFERENCES c (id));
CREATE TABLE c (id INT PRIMARY KEY, a INT, CONSTRAINT fc FOREIGN KEY (a) REFERENCES a (id));
SET foreign_key_checks = 1;
-- expect mariadb
create_table: CREATE TABLE `a` (`id` int(11) NOT NULL, `b` int(11) DEFAULT NULL, PRIMARY KEY (`id`), KEY `fa` (`b`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
create_table: CREATE TABLE `c` (`id` int(11) NOT NULL, `a` int(11) DEFAULT NULL, PRIMARY KEY (`id`), KEY `fc` (`a`), CONSTRAINT `fc` FOREIGN KEY (`a`) REFERENCES `a` (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
create_table: CREATE TABLE `b` (`id` int(11) NOT NULL, `c` int(11) DEFAULT NULL, PRIMARY KEY (`id`), KEY `fb` (`c`), CONSTRAINT `fb` FOREIGN KEY (`c`) REFERENCES `c` (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
add_foreign_key: ALTER TABLE `a` ADD CONSTRAINT `fa` FOREIGN KEY (`b`) REFERENCES `b` (`id`)
  reason: foreign key `a`.`fa`: the new tables reference each other
-- expect mysql
create_table: CREATE TABLE `a` (`id` int NOT NULL, `b` int DEFAULT NULL, PRIMARY KEY (`id`), KEY `fa` (`b`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
create_table: CREATE TABLE `c` (`id` int NOT NULL, `a` int DEFAULT NULL, PRIMARY KEY (`id`), KEY `fc` (`a`), CONSTRAINT `fc` FOREIGN KEY (`a`) REFERENCES `a` (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
create_table: CREATE TABLE `b` (`id` int NOT NULL, `c` int DEFAULT NULL, PRIMARY KEY (`id`), KEY `fb` (`c`), CONSTRAINT `fb` FOREIGN KEY (`c`) REFERENCES `c` (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
add_foreign_key: ALTER TABLE `a` ADD CONSTRAINT `fa` FOREIGN KEY (`b`) REFERENCES `b` (`id`)
  reason: foreign key `a`.`fa`: the new tables reference each other

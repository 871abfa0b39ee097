-- A chain of new tables, named in the wrong order
-- before
CREATE TABLE keepme (id INT PRIMARY KEY);
-- after
CREATE TABLE keepme (id INT PRIMARY KEY);
CREATE TABLE z (id INT PRIMARY KEY);
CREATE TABLE y (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES z (id));
CREATE TABLE x (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES y (id));
CREATE TABLE a (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES x (id), FOREIGN KEY (id) REFERENCES keepme (id));
-- expect mariadb
create_table: CREATE TABLE `z` (`id` int(11) NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
create_table: CREATE TABLE `y` (`id` int(11) NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `y_ibfk_1` FOREIGN KEY (`id`) REFERENCES `z` (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
create_table: CREATE TABLE `x` (`id` int(11) NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `x_ibfk_1` FOREIGN KEY (`id`) REFERENCES `y` (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
create_table: CREATE TABLE `a` (`id` int(11) NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `a_ibfk_1` FOREIGN KEY (`id`) REFERENCES `x` (`id`), CONSTRAINT `a_ibfk_2` FOREIGN KEY (`id`) REFERENCES `keepme` (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
-- expect mysql
create_table: CREATE TABLE `z` (`id` int NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
create_table: CREATE TABLE `y` (`id` int NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `y_ibfk_1` FOREIGN KEY (`id`) REFERENCES `z` (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
create_table: CREATE TABLE `x` (`id` int NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `x_ibfk_1` FOREIGN KEY (`id`) REFERENCES `y` (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
create_table: CREATE TABLE `a` (`id` int NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `a_ibfk_1` FOREIGN KEY (`id`) REFERENCES `x` (`id`), CONSTRAINT `a_ibfk_2` FOREIGN KEY (`id`) REFERENCES `keepme` (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci

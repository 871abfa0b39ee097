-- A routine keeps the connection's character set and collation
-- before
CREATE FUNCTION f() RETURNS INT NO SQL RETURN 1;
-- after
SET NAMES latin1;
CREATE FUNCTION f() RETURNS INT NO SQL RETURN 1;
SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci;
-- expect mariadb
drop_function: DROP FUNCTION `f`
create_function: CREATE DEFINER=me FUNCTION `f`() RETURNS int(11) NO SQL RETURN 1
-- expect mysql
drop_function: DROP FUNCTION `f`
create_function: CREATE DEFINER=me FUNCTION `f`() RETURNS int NO SQL RETURN 1

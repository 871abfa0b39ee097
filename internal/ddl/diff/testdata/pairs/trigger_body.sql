-- Bodies with blocks, quotes and comments
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, s VARCHAR(99));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, s VARCHAR(99));
DELIMITER //
CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW
BEGIN
  -- it's a comment; with a semicolon
  IF NEW.a > 0 THEN
    SET NEW.s = CONCAT('it''s; "', NEW.a, '" \\ 🦊');
  ELSE
    SET NEW.s = CASE NEW.id WHEN 1 THEN 'one' ELSE 'none' END;
  END IF;
END//
DELIMITER ;
-- expect
create_trigger: CREATE DEFINER=me TRIGGER `tr` BEFORE UPDATE ON `t` FOR EACH ROW BEGIN -- it's a comment; with a semicolon IF NEW.a > 0 THEN SET NEW.s = CONCAT('it''s; "', NEW.a, '" \\ 🦊'); ELSE SET NEW.s = CASE NEW.id WHEN 1 THEN 'one' ELSE 'none' END; END IF; END

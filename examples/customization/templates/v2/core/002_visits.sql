-- North Shipping had this as a customization; now everybody gets it.
CREATE TABLE visits (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  person_id INT NOT NULL,
  seen_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT fk_visits_person FOREIGN KEY (person_id) REFERENCES people (id)
);

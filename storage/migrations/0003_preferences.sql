-- What people set; where they have set nothing, the column is NULL and the code knows what holds
ALTER TABLE person ADD COLUMN language TEXT;
ALTER TABLE person ADD COLUMN sounds TEXT;
ALTER TABLE person ADD COLUMN links TEXT;

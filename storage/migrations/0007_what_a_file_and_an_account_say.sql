-- Where files come from
-- Title of the channel that the file was forwarded from, whose folder it shall go into; empty when it is there, or none is wanted.
ALTER TABLE transfer ADD COLUMN channel TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN sort_channels INTEGER;

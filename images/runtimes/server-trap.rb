# The same server with a handler: SIGTERM ends it with 0.
trap('TERM') { exit }
require_relative 'server'

# A server without a handler: Ruby makes an exception of SIGTERM.
$stdout.sync = true
begin
  puts 'server ready'
  sleep
ensure
  puts 'server cleans up'
end

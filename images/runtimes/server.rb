# A server without a handler: Ruby makes an exception of SIGTERM.
$stdout.sync = true
puts 'server ready'
begin
  sleep
ensure
  puts 'server cleans up'
end

// A web server that closes on SIGTERM, and says that it has.
const http = require('http')

const server = http.createServer((request, response) => response.end('hello\n'))

process.on('SIGTERM', () => {
  server.close(() => {
    console.log('server closed')
  })
})

server.listen(3000, '127.0.0.1', () => console.log('server listens'))

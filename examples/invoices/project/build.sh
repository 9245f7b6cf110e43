# Compiles the sources beside it, runs the tests, packs the classes.
set -eu
[ -e /run/secrets/git ] || echo "ok: the checkout token is not mounted here"
echo "compiling with $(javac -version)"
javac -Werror -Xlint:all -d classes ./*.java
echo "testing"
java -cp classes InvoiceTest
jar --create --file invoices.jar -C classes .
echo "built invoices.jar, $(wc -c < invoices.jar) bytes"

#!/bin/sh
# Writes what Maven itself reads from the poms beside this script: the effective pom of app, that with the profile `old`, and the list of its
# dependencies. Run it by hand when a pom here changes. It needs Maven, a JDK, and a repository that has the dependencies.
set -eu
cd "$(dirname "$0")/app"
mvn -B -q help:effective-pom -Doutput="$PWD/../effective.xml"
mvn -B -q help:effective-pom -P old -Doutput="$PWD/../effective-old.xml"
mvn -B -q -f .. dependency:list -pl app -DoutputFile="$PWD/../dependencies.txt" -Dsort=true
for file in effective effective-old; do
	# Paths of this machine, the host of the repository, and what only the site needs.
	sed -i -E -e 's|<url>https?://[^/<]+/maven2</url>|<url>https://repo.example.com/maven2</url>|' -e "s|$(cd .. && pwd)|/project|g" -e '/<!--.*-->/d' -e '/<reporting>/,/<\/reporting>/d' "../$file.xml"
done
sed -i -e 's/\x1b\[[0-9;]*m//g' -e 's/ -- module.*//' -e 's/[[:space:]]*$//' ../dependencies.txt

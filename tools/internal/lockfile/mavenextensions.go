package lockfile

import "encoding/xml"

// .mvn/extensions.xml names the code that Maven loads into itself before it reads a pom.
func init() {
	formats["maven-extensions"] = format{max: MaxText, read: readExtensions}
	names[".mvn/extensions.xml"] = "maven-extensions"
}

var extensionsSchema = xmlSchema{
	"extensions":                      xmlList,
	"extensions/extension":            xmlObject,
	"extensions/extension/groupId":    xmlText,
	"extensions/extension/artifactId": xmlText,
	"extensions/extension/version":    xmlText,
}

func readExtensions(data []byte) ([]Dependency, error) {
	var all set
	var entry pomEntry
	start := func(e xmlElement) error {
		if e.name == "extension" {
			entry = pomEntry{plugin: true}
		}
		return nil
	}
	end := func(e xmlElement) error {
		if e.name == "extension" {
			return all.add(Dependency{
				Ecosystem: "maven", Name: entry.group + ":" + entry.artifact, Version: entry.version, InstallCode: true,
			})
		}
		entry.set(e)
		return nil
	}
	if err := readXML(data, xml.HTMLEntity, extensionsSchema, start, end); err != nil {
		return nil, err
	}
	return all.list(), nil
}
